import type { ChatTurn } from '@millrace/contracts/jobs'

/** Tokens that a chat template adds around a message. */
const perMessage = 4
const charactersPerToken = 4

/** A stand-in for a tokenizer: about as many tokens as English has, known without looking at the text. */
export function countTokens(input: string | readonly number[]): number {
  return typeof input === 'string' ? Math.ceil(input.length / charactersPerToken) : input.length
}

export function countPromptTokens(messages: readonly ChatTurn[]): number {
  return messages.reduce((sum, { text }) => sum + perMessage + countTokens(text), 0)
}

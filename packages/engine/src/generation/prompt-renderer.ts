import type { ChatTurn } from '@millrace/contracts/jobs'
import {
  type ChatHistoryItem,
  type ChatWrapper,
  JinjaTemplateChatWrapper,
  type LlamaModel,
  type LlamaText,
  resolveChatWrapper,
  type Token,
} from 'node-llama-cpp'
import { mostCharsOfToken } from './most-chars-of-token.ts'

export type RenderedPrompt = {
  tokens: Token[]
  /** Text with which the model ends its turn, where that is not a token of its own. */
  stops: string[]
}

/** Renders chats with the template that comes with the model. */
export class PromptRenderer {
  readonly #model: LlamaModel
  readonly #wrappers: readonly ChatWrapper[]
  readonly #mostCharsOfToken: number

  constructor(model: LlamaModel) {
    this.#model = model
    this.#wrappers = chatWrappers(model)
    this.#mostCharsOfToken = mostCharsOfToken(model)
  }

  /**
   * The prompt has at least so many tokens, known at once. Tokenising megabytes takes seconds in which no generation
   * of this process moves, so that what cannot fit is refused without it.
   */
  fewestTokens(messages: readonly ChatTurn[]): number {
    // Templates may drop space around a text.
    return messages.reduce((sum, { text }) => sum + Math.ceil(text.trim().length / this.#mostCharsOfToken), 0)
  }

  /** Ends with the opening of the assistant's turn. Text of messages is never read as control tokens. */
  render(messages: readonly ChatTurn[]): RenderedPrompt {
    const chatHistory = [...messages.map(toHistoryItem), { type: 'model' as const, response: [] }]
    const { contextText, stopGenerationTriggers } = this.#contextState(chatHistory)
    return {
      tokens: contextText.tokenize(this.#model.tokenizer),
      stops: stopGenerationTriggers.flatMap((trigger) => this.#stopText(trigger)),
    }
  }

  /** Some templates refuse what others take (two user turns in a row): the next wrapper smooths it out. */
  #contextState(chatHistory: ChatHistoryItem[]) {
    const refusals: unknown[] = []
    for (const wrapper of this.#wrappers) {
      try {
        return wrapper.generateContextState({ chatHistory })
      } catch (refusal) {
        refusals.push(refusal)
      }
    }
    throw new AggregateError(refusals, "The model's chat template cannot render this chat.")
  }

  /** End-of-generation tokens end it by themselves; other triggers are looked for in the text. */
  #stopText(trigger: LlamaText): string[] {
    const tokens = trigger.tokenize(this.#model.tokenizer)
    if (tokens.some((token) => this.#model.isEogToken(token))) return []
    const text = this.#model.detokenize(tokens, true)
    return text === '' ? [] : [text]
  }
}

/**
 * The model's own template first, as it is; then the same with neighbouring turns of one role joined, for templates that
 * insist on alternation; then the library's wrapper for the model's family, which also serves models without a template.
 */
function chatWrappers(model: LlamaModel): ChatWrapper[] {
  const template = model.fileInfo.metadata.tokenizer?.chat_template
  const family = () => resolveChatWrapper(model)
  if (!template) return [family()]
  const jinja = (joinAdjacentMessagesOfTheSameType: boolean) =>
    new JinjaTemplateChatWrapper({
      template,
      tokenizer: model.tokenizer,
      joinAdjacentMessagesOfTheSameType,
      trimLeadingWhitespaceInResponses: false,
    })
  try {
    return [jinja(false), jinja(true), family()]
  } catch {
    // The library cannot parse the template.
    return [family()]
  }
}

function toHistoryItem({ role, text }: ChatTurn): ChatHistoryItem {
  if (role === 'assistant') return { type: 'model', response: [text] }
  return { type: role, text }
}

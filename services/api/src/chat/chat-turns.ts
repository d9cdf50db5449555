import type { ChatTurn } from '@millrace/contracts/jobs'
import type { ChatMessage } from '@millrace/contracts/openai'

/**
 * A chat as workers take it: parts joined, `developer` said as `system`, the operator's prompt first. Two system
 * messages in a row become one, since some models' templates accept only one.
 */
export function chatTurns(messages: readonly ChatMessage[], systemPrompt: string | undefined): ChatTurn[] {
  const turns = messages.map(toTurn)
  if (systemPrompt === undefined) return turns
  const [first, ...rest] = turns
  if (first?.role !== 'system') return [{ role: 'system', text: systemPrompt }, ...turns]
  return [{ role: 'system', text: `${systemPrompt}\n\n${first.text}` }, ...rest]
}

function toTurn({ role, content }: ChatMessage): ChatTurn {
  const text = typeof content === 'string' ? content : content.map((part) => part.text).join('')
  return { role: role === 'developer' ? 'system' : role, text }
}

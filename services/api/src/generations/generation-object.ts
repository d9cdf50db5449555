import { z } from '@hono/zod-openapi'
import { FinishReason } from '@millrace/contracts/openai'
import type { GenerationRecord } from './generation-record.ts'
import { finishReasons, type GenerationState, positionOf } from './generation-state.ts'

/** Answer of `GET /v1/generations/{id}`. */
export const GenerationObject = z.object({
  id: z.string(),
  object: z.literal('generation'),
  /** Seconds since the Unix epoch. */
  created: z.int(),
  model: z.string(),
  status: z.enum(['queued', 'running', 'completed', 'failed', 'cancelled']),
  /** What `Last-Event-ID` says for a client that has everything so far. */
  position: z.string(),
  usage: z.object({ prompt_tokens: z.int().nonnegative(), completion_tokens: z.int().nonnegative() }),
  /** One for each choice; null for one that has not finished. */
  finish_reasons: z.array(FinishReason.nullable()),
})
export type GenerationObject = z.infer<typeof GenerationObject>

export function toGenerationObject(record: GenerationRecord, state: GenerationState): GenerationObject {
  const { id, model, createdAtMs } = record
  return {
    ...{ id, model, object: 'generation', created: Math.floor(createdAtMs / 1000) },
    status: state.status,
    position: positionOf(record, state),
    usage: {
      // The choices share one prompt.
      prompt_tokens: Math.max(...state.choices.map(({ promptTokens }) => promptTokens)),
      completion_tokens: state.choices.reduce((sum, { completionTokens }) => sum + completionTokens, 0),
    },
    finish_reasons: finishReasons(state),
  }
}

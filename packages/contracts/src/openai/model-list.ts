import { z } from 'zod'

/** A model as `GET /v1/models/{id}` answers. */
export const ModelObject = z.object({
  id: z.string(),
  object: z.literal('model'),
  /** Seconds since the Unix epoch: when the first worker that serves it started. */
  created: z.int(),
  owned_by: z.string(),
})
export type ModelObject = z.infer<typeof ModelObject>

export const ModelList = z.object({ object: z.literal('list'), data: z.array(ModelObject) })
export type ModelList = z.infer<typeof ModelList>

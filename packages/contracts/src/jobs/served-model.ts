import { z } from 'zod'

/** A model that a live worker has in memory, as it announces it. */
export const ServedModel = z.object({
  /** Id of the model card: what clients write in `model`. */
  id: z.string(),
  kind: z.enum(['generation', 'embedding']),
  /** Longest prompt + completion in tokens. */
  contextSize: z.int().positive(),
  /** Jobs of this model the worker runs at once. */
  slots: z.int().positive(),
  /** Vector length; embedding models only. */
  dimensions: z.int().positive().optional(),
})
export type ServedModel = z.infer<typeof ServedModel>

/** A worker process's sign of life, renewed every second. */
export const WorkerStatus = z.object({
  id: z.string(),
  /** `cpu` or `cuda:<uuid or ordinal>`. */
  device: z.string(),
  pid: z.int(),
  host: z.string(),
  startedAtMs: z.int(),
  models: z.array(ServedModel),
  /** Names under which it holds jobs; who finds it dead gives these back to the queue. */
  consumers: z.array(z.string()),
  /** It ends the jobs it has, and takes no more. */
  draining: z.boolean(),
  /** Slots in use at this moment, over all generation models. */
  busySlots: z.int().nonnegative(),
  /** Tokens of prompts and completions per second while it works for a model; absent for one it never worked for. */
  throughput: z.record(z.string(), z.number().positive()).optional(),
})
export type WorkerStatus = z.infer<typeof WorkerStatus>

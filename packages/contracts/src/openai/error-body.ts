import { z } from 'zod'
import type { Failure } from '../failures/index.ts'

/** Every error a client sees, as a body or as an event of a stream. */
export const ErrorBody = z.object({
  error: z.object({
    message: z.string(),
    type: z.string(),
    param: z.string().nullable(),
    code: z.string().nullable(),
  }),
})
export type ErrorBody = z.infer<typeof ErrorBody>

export function errorBody(failure: Failure): ErrorBody {
  const { message, code, param } = failure
  return { error: { message, type: failure.traits.type, param: param ?? null, code } }
}

import { createHash } from 'node:crypto'
import type { ServedModel } from '@millrace/contracts/jobs'

/** OpenAI's `system_fingerprint`: the same as long as the model runs in the same configuration. */
export function systemFingerprint({ id, contextSize }: ServedModel): string {
  return `fp_${createHash('sha256').update(`${id} ${contextSize}`).digest('hex').slice(0, 10)}`
}

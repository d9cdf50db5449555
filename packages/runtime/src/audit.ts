import type { Logger } from './logger.ts'

/** Who asked what of which model, and how it ended. Never a prompt, a completion or a key. */
export type AuditEntry = {
  requestId: string
  tenant: string
  model: string
  /** `generation` or `embedding`. */
  kind: string
  promptTokens: number | undefined
  completionTokens: number | undefined
  /** From submission until a worker started, in milliseconds. */
  queuedMs: number | undefined
  /** From the request until its first token, in milliseconds. */
  firstTokenMs: number | undefined
  /** From the request until its end, in milliseconds. */
  durationMs: number
  /** `completed`, or the code of the failure. */
  outcome: string
}

/**
 * Writes one line per request, marked `log: "audit"`. A log level above `info` does not hide them; only `silent` does.
 */
export function createAudit(logger: Logger): (entry: AuditEntry) => void {
  const audit = logger.child({ log: 'audit' }, { level: logger.level === 'silent' ? 'silent' : 'info' })
  return (entry) => audit.info(onlyAuditFields(entry), 'request')
}

/** Picks field by field, so that an object with more in it (a prompt, a key) cannot carry that into the log. */
function onlyAuditFields(entry: AuditEntry): AuditEntry {
  const { requestId, tenant, model, kind, promptTokens, completionTokens } = entry
  const { queuedMs, firstTokenMs, durationMs, outcome } = entry
  return {
    requestId,
    tenant,
    model,
    kind,
    promptTokens,
    completionTokens,
    queuedMs,
    firstTokenMs,
    durationMs,
    outcome,
  }
}

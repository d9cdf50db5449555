/**
 * `restarting`: it died and waits for its next start. `failed`: it refused to start for a reason that starting again
 * does not change.
 */
export type WorkerState = 'starting' | 'ready' | 'restarting' | 'failed' | 'stopped'

/** One worker process, as `/healthz` shows it. */
export type WorkerHealth = {
  worker: string
  /** `cpu` or `cuda:<uuid>`. */
  device: string
  state: WorkerState
  /** Absent while there is no process. */
  pid?: number
  /** How often it was started again after it had died. */
  restarts: number
  models: readonly string[]
  /** The long step that a starting process is in, and its fraction done. */
  loading?: { step: string; fraction: number }
  /** Why it died last, or why it refused to start. */
  reason?: string
}

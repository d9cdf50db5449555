import type { WorkerMessage } from './worker-message.ts'

/** Resolves once the message is on its way. Nobody hears it when the process was started by hand or is orphaned. */
export async function tellSupervisor(message: WorkerMessage): Promise<void> {
  if (!process.connected) return
  // The callback takes the error of a channel that closes in this moment, which would be thrown otherwise.
  await new Promise<void>((resolve) => process.send?.(message, undefined, {}, () => resolve()))
}

import { ShutdownFailure } from './shutdown-failure.ts'

/** Throws when this process takes no new work. */
export function refuseWhenClosing({ isClosing }: { isClosing: boolean }): void {
  if (isClosing) throw new ShutdownFailure()
}

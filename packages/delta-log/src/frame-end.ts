import { type Frame, isTerminal, type TerminalEvent } from '@millrace/contracts/jobs'

/** The event that ends the log, when this frame carries it; it is then the frame's last. */
export function terminalEvent(frame: Frame): TerminalEvent | undefined {
  const last = frame.events.at(-1)
  return last && isTerminal(last) ? last : undefined
}

/** One line for a person out of any thrown value: its message, and those of its causes where they add something. */
export function errorReason(thrown: unknown): string {
  if (!(thrown instanceof Error)) return String(thrown)
  // Node's connection errors over several addresses carry a code and an empty message.
  const own = thrown.message || ('code' in thrown ? String(thrown.code) : thrown.name)
  if (thrown.cause === undefined) return own
  const cause = errorReason(thrown.cause)
  return own.includes(cause) ? own : `${own} (${cause})`
}

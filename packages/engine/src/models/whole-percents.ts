/** Passes progress on when the step or its whole percent changes, so that a chunk of 64 KiB is no event. */
export function wholePercents(
  report: ((step: string, fraction: number) => void) | undefined,
): (step: string, fraction: number) => void {
  let last = ''
  return (step, fraction) => {
    const percent = Math.floor(Math.min(Math.max(fraction, 0), 1) * 100)
    const current = `${step} ${percent}`
    if (current === last) return
    last = current
    report?.(step, percent / 100)
  }
}

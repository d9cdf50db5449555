/** BullMQ's bound (`priority` of its BaseJobOptions), and what it runs last. */
const lastPriority = 2_097_151
/** So many places make one priority: finer than any job, and wide enough for 33 million tokens of work. */
const placesPerPriority = 16

/** A place as BullMQ's priority: 1 runs first. What lies outside of the range is first or last. */
export function priorityOf(place: number, base: number): number {
  const priority = 1 + Math.floor((place - base) / placesPerPriority)
  return Math.min(Math.max(priority, 1), lastPriority)
}

/** Whether the clock has gone so far that priorities must be counted from another place, before they run out. */
export function isBaseOld({ clock, base }: { clock: number; base: number }): boolean {
  return clock - base > (lastPriority * placesPerPriority) / 2
}

import { z } from 'zod'

/** Up to here it is cheaper to have every item checked once. */
const uncutLength = 64

/**
 * An array of at most `max` items, whose check ends at the first wrong one. Zod alone reports all of them, and a body
 * of a few megabytes can hold so many that collecting the reports takes seconds and gigabytes.
 */
export function listOf<T extends z.ZodType>(item: T, { min = 0, max }: { min?: number; max: number }) {
  const cut = (value: unknown): unknown => {
    if (!Array.isArray(value) || value.length <= uncutLength) return value
    const items: unknown[] = value.slice(0, max + 1)
    const firstWrong = items.findIndex((each) => !item.safeParse(each).success)
    return firstWrong === -1 ? items : items.slice(0, firstWrong + 1)
  }
  return z.preprocess(cut, z.array(item).min(min).max(max))
}

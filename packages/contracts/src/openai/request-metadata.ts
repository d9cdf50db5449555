import { z } from 'zod'

/** OpenAI's own limits. */
const entriesLimit = 16
const keyCharsLimit = 64
const valueCharsLimit = 512

const record = z
  .record(z.string().max(keyCharsLimit), z.string().max(valueCharsLimit))
  .refine((entries) => Object.keys(entries).length <= entriesLimit, `at most ${entriesLimit} entries are allowed`)

/** Labels of a request. What is over the limit is cut before the check, so that the check stays short. */
export const RequestMetadata = z.preprocess((value) => {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) return value
  return Object.fromEntries(Object.entries(value).slice(0, entriesLimit + 1))
}, record)

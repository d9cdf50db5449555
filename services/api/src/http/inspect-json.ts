import { Failure } from '@millrace/contracts/failures'
import { parameterPath } from '@millrace/contracts/openai'

/** No request of OpenAI's API nests deeper than a few levels; schemas inside tools may, some. */
const depthLimit = 64

/**
 * Refuses what JSON can carry and no parameter may: nesting without end, numbers that became infinite (`1e999`),
 * strings with half a character (a lone surrogate has no UTF-8 form, so no tokenizer can read it).
 */
export function inspectJson(value: unknown, path: readonly PropertyKey[] = []): void {
  if (typeof value === 'string') {
    if (!value.isWellFormed()) refuse(path, 'it has a lone surrogate, which is no valid Unicode')
  } else if (typeof value === 'number') {
    if (!Number.isFinite(value)) refuse(path, 'the number is too large')
  } else if (typeof value === 'object' && value !== null) {
    if (path.length >= depthLimit) refuse(path.slice(0, 1), `it is nested more than ${depthLimit} levels deep`)
    inspectEntries(value, path)
  }
}

function inspectEntries(value: object, path: readonly PropertyKey[]): void {
  if (Array.isArray(value)) {
    for (let index = 0; index < value.length; index++) {
      const item: unknown = value[index]
      // Token arrays are long and harmless: no path is built for an ordinary number.
      if (!Number.isFinite(item)) inspectJson(item, [...path, index])
    }
    return
  }
  for (const [key, item] of Object.entries(value)) {
    if (!key.isWellFormed()) refuse(path, 'a name in it has a lone surrogate, which is no valid Unicode')
    inspectJson(item, [...path, key])
  }
}

function refuse(path: readonly PropertyKey[], problem: string): never {
  const param = parameterPath(path)
  const place = param === '' ? 'request body' : `'${param}'`
  throw new Failure('invalid_request', `Invalid ${place}: ${problem}.`, param === '' ? {} : { param })
}

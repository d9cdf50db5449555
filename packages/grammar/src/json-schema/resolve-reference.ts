import { GrammarError, type Place } from '../grammar-error.ts'
import { isObject, type Source } from './source.ts'

/** What a `$ref` refers to: a JSON pointer into the same document (RFC 6901). */
export function resolveReference(root: unknown, { value: reference, place }: Source): Source {
  if (typeof reference !== 'string') throw new GrammarError("'$ref' must be a string", place)
  if (reference !== '#' && !reference.startsWith('#/')) {
    throw new GrammarError("'$ref' can only refer to a place in the same schema, as '#/$defs/name'", place)
  }
  const keys = reference.split('/').slice(1).map(unescaped)
  const target: Place = []
  return keys.reduce<Source>((at, key) => child(at, key, { value: reference, place }), { value: root, place: target })
}

function child({ value, place }: Source, key: string, reference: Source): Source {
  if (Array.isArray(value) && /^\d+$/.test(key) && Number(key) < value.length) {
    return { value: value[Number(key)], place: [...place, Number(key)] }
  }
  if (isObject(value) && Object.hasOwn(value, key)) return { value: value[key], place: [...place, key] }
  throw new GrammarError(`'$ref' refers to '${String(reference.value)}', which does not exist`, reference.place)
}

function unescaped(part: string): string {
  return decoded(part).replaceAll('~1', '/').replaceAll('~0', '~')
}

function decoded(part: string): string {
  try {
    return decodeURIComponent(part)
  } catch {
    return part
  }
}

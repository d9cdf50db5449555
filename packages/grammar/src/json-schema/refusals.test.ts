import { describe, expect, test } from 'vitest'
import { checkGbnf } from '../gbnf/check-gbnf.ts'
import { GrammarError } from '../grammar-error.ts'
import { writeText } from '../testing/write-text.ts'
import { compileJsonSchema } from './compile-json-schema.ts'
import { requireStrictSchema } from './require-strict-schema.ts'

function placeOf(work: () => unknown): string {
  try {
    work()
  } catch (error) {
    if (error instanceof GrammarError) return error.place.join('/')
    throw error
  }
  throw new Error('it was accepted')
}

const inProperty = (schema: unknown) => ({ type: 'object', properties: { p: schema } })

describe('a keyword that cannot be enforced is refused with its place', () => {
  test.each<[string, unknown]>([
    ['multipleOf', { type: 'integer', multipleOf: 3 }],
    ['multipleOf', { type: 'number', multipleOf: 1 }],
    ['uniqueItems', { type: 'array', uniqueItems: true }],
    ['contains', { type: 'array', contains: { type: 'null' } }],
    ['items', { type: 'array', items: [{ type: 'null' }] }],
    ['unevaluatedItems', { type: 'array', unevaluatedItems: false }],
    ['patternProperties', { type: 'object', patternProperties: { a: {} } }],
    ['dependentRequired', { type: 'object', dependentRequired: { a: ['b'] } }],
    ['unevaluatedProperties', { type: 'object', unevaluatedProperties: false }],
    ['minProperties', { type: 'object', minProperties: 1 }],
    ['maxProperties', { type: 'object', maxProperties: 3 }],
    ['propertyNames', { type: 'object', properties: { a: {} }, propertyNames: { maxLength: 3 } }],
    ['not', { not: { type: 'null' } }],
    ['if', { if: {}, then: {} }],
    ['nullable', { type: 'string', nullable: true }],
    ['colour', { type: 'string', colour: 'red' }],
    ['format', { type: 'string', format: 'regex' }],
    ['format', { type: 'string', format: 'iri' }],
    ['pattern', { type: 'string', pattern: '^(?=a)b$' }],
    ['pattern', { type: 'string', pattern: '(a)\\1' }],
    ['pattern', { type: 'string', pattern: '\\bword' }],
    ['pattern', { type: 'string', pattern: '\\p{L}' }],
    ['pattern', { type: 'string', pattern: 'a(' }],
    ['pattern', { type: 'string', pattern: '(a*)*' }],
    ['pattern', { type: 'string', pattern: '^a$', minLength: 2 }],
    ['pattern', { type: 'string', pattern: 7 }],
    ['minLength', { type: 'string', minLength: -1 }],
    ['maxLength', { type: 'string', minLength: 4, maxLength: 3 }],
    ['maxLength', { type: 'string', maxLength: 1_000_000 }],
    ['maximum', { type: 'integer', minimum: 5, maximum: 4 }],
    ['minimum', { type: 'number', minimum: '1' }],
    ['minimum', { type: 'number', minimum: 0.123456789 }],
    ['exclusiveMinimum', { type: 'number', exclusiveMinimum: true }],
    ['oneOf', { oneOf: [{ type: 'integer' }, { type: 'number' }] }],
    ['oneOf', { oneOf: [{ type: 'object' }, { type: 'object' }] }],
    ['anyOf', { anyOf: [] }],
    ['enum', { enum: [] }],
    ['enum', { type: 'string', enum: [1] }],
    ['minLength', { enum: ['a'], minLength: 1 }],
    ['type', { type: 'text' }],
    ['required', { type: 'object', required: ['a'], properties: {}, additionalProperties: false }],
    ['$ref', { $ref: '#/$defs/nowhere' }],
    ['$ref', { $ref: 'https://example.com/schema' }],
  ])('%s in %j', (keyword, schema) => {
    expect(placeOf(() => compileJsonSchema(schema))).toBe(keyword)
    const root = JSON.parse(JSON.stringify(inProperty(schema)).replaceAll('#/$defs', '#/properties/p/$defs'))
    expect(placeOf(() => compileJsonSchema(root))).toBe(`properties/p/${keyword}`)
  })

  test('also behind a reference, where it stands', () => {
    const schema = { $ref: '#/$defs/a', $defs: { a: inProperty({ type: 'integer', multipleOf: 2 }) } }
    expect(placeOf(() => compileJsonSchema(schema))).toBe('$defs/a/properties/p/multipleOf')
  })

  test.each([{ $ref: '#' }, { anyOf: [{ type: 'null' }, { $ref: '#' }] }, { allOf: [{ $ref: '#' }] }, false, 7, null])(
    'a schema that says nothing definite: %j',
    (schema) => expect(() => compileJsonSchema(schema)).toThrow(GrammarError),
  )

  test('a schema that only endless texts would satisfy', () => {
    const schema = { type: 'object', properties: { next: { $ref: '#' } }, required: ['next'] }
    expect(() => checkGbnf(compileJsonSchema(schema))).toThrow(/complete/)
  })
})

describe('strict mode refuses with the place', () => {
  const closed = { type: 'object', additionalProperties: false }
  test.each<[string, unknown]>([
    ['type', { type: 'array' }],
    ['additionalProperties', { type: 'object' }],
    ['required', { ...closed, properties: { a: { type: 'string' } } }],
    ['properties/a/additionalProperties', { ...closed, properties: { a: { type: 'object' } }, required: ['a'] }],
    ['$defs/b/required', { ...closed, $defs: { b: { ...closed, properties: { c: {} } } } }],
  ])('%s', (place, schema) => expect(placeOf(() => requireStrictSchema(schema))).toBe(place))

  test('and accepts nullable properties that are all required', () => {
    const schema = { ...closed, properties: { a: { type: ['string', 'null'] } }, required: ['a'] }
    expect(() => requireStrictSchema(schema)).not.toThrow()
  })
})

describe('texts of a schema', () => {
  const written = (schema: unknown) => {
    const grammar = compileJsonSchema(schema)
    checkGbnf(grammar)
    return Array.from({ length: 60 }, (_, seed): unknown => JSON.parse(writeText(grammar, seed)))
  }

  test('a recursive one ends', () => {
    const node = {
      type: 'object',
      properties: { value: { type: 'integer' }, next: { anyOf: [{ $ref: '#' }, { type: 'null' }] } },
    }
    expect(written({ ...node, required: ['value', 'next'], additionalProperties: false })).toHaveLength(60)
  })

  test('allOf, references with siblings and what stands beside anyOf all hold', () => {
    const schema = {
      allOf: [{ $ref: '#/$defs/small' }, { minimum: 3 }],
      anyOf: [{ maximum: 4 }, { minimum: 8 }],
      $defs: { small: { type: 'integer', minimum: 0, maximum: 9 } },
    }
    expect(new Set(written(schema))).toEqual(new Set([3, 4, 8, 9]))
  })

  test('oneOf with a discriminator is the union of its branches', () => {
    const branch = (kind: string) => ({ type: 'object', properties: { kind: { const: kind } }, required: ['kind'] })
    const kinds = written({ oneOf: [branch('a'), branch('b')] }).map((value) => JSON.stringify(value))
    expect(new Set(kinds)).toEqual(new Set(['{"kind":"a"}', '{"kind":"b"}']))
  })

  test('optional properties come and go, required ones stay', () => {
    const texts = written({
      type: 'object',
      properties: { a: { const: 1 }, b: { const: 2 }, c: { const: 3 } },
      required: ['b'],
    })
    expect(new Set(texts.map((value) => Object.keys(value as object).join('')))).toEqual(
      new Set(['b', 'ab', 'bc', 'abc']),
    )
  })

  test('lengths of thousands of characters are kept', () => {
    for (const text of written({ type: 'string', minLength: 2500, maxLength: 2600 })) {
      const { length } = Array.from(text as string)
      expect(length >= 2500 && length <= 2600).toBe(true)
    }
  })
})

describe('GBNF is refused, before it reaches the native parser', () => {
  test.each([
    ['no root', 'a ::= "x"'],
    ['an unknown rule', 'root ::= a'],
    ['left recursion', 'root ::= root "a" | "b"'],
    ['hidden left recursion', 'root ::= a root "b" | "c"\na ::= "x"?'],
    ['an endless repetition of nothing', 'root ::= ("a"?)*'],
    ['counts out of order', 'root ::= "a"{5,2}'],
    ['a count that is too large', 'root ::= "a"{3000}'],
    ['repetitions of repetitions', 'root ::= (("a"{0,100}){0,100}){0,100}'],
    ['a token', 'root ::= <think>'],
    ['brackets without end', `root ::= ${'('.repeat(100_000)}`],
    ['an unfinished text', 'root ::= "a'],
    ['nothing', ' '],
    ['what can never end', 'root ::= "a" root'],
    ['a huge text, repeated', `root ::= "${'a'.repeat(60_000)}"{2000}`],
  ])('%s', (_, text) => expect(() => checkGbnf(text)).toThrow(GrammarError))

  test('what llama.cpp understands passes', () => {
    const text = '# comment\nroot ::= (\n  "a" # one\n  | [^\\n"] . x{2,}\n)+\nx ::= [a-z\\]-] | "\\u00e9\\x41"\n'
    expect(() => checkGbnf(text)).not.toThrow()
  })
})

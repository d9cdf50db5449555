import fc from 'fast-check'
import { expect, test } from 'vitest'
import { checkGbnf } from '../gbnf/check-gbnf.ts'
import { schemas } from '../testing/schemas.ts'
import { validator } from '../testing/validator.ts'
import { writeText } from '../testing/write-text.ts'
import { compileJsonSchema } from './compile-json-schema.ts'

test('whatever a compiled grammar can write parses and satisfies its schema', () => {
  fc.assert(
    fc.property(schemas, fc.integer(), (schema, seed) => {
      const grammar = compileJsonSchema(schema)
      checkGbnf(grammar)
      const validate = validator(schema)
      for (let round = 0; round < 10; round++) {
        const text = writeText(grammar, seed + round)
        const value: unknown = JSON.parse(text)
        validate(value)
        expect(validate.errors, text).toBeNull()
      }
    }),
    { numRuns: 300 },
  )
})

import fc from 'fast-check'

const text = fc.string({ maxLength: 6 })
const name = fc.oneof(fc.constantFrom('a', 'b', 'ab', 'name', 'value', 'root'), fc.string({ maxLength: 4 }))
const bound = fc.oneof(fc.integer({ min: -2000, max: 2000 }), fc.integer({ min: -1e9, max: 1e9 }))

const pair = <T>(arbitrary: fc.Arbitrary<T>, order: (a: T, b: T) => number) =>
  fc.tuple(arbitrary, arbitrary).map((both) => both.toSorted(order))

const numbers = (type: 'integer' | 'number', scale: number) =>
  fc
    .record({ low: bound, span: fc.integer({ min: 2, max: 5000 }), sides: fc.integer({ min: 0, max: 8 }) })
    .map(({ low, span, sides }) => ({
      type,
      ...[{}, { minimum: low / scale }, { exclusiveMinimum: low / scale }][sides % 3],
      ...[{}, { maximum: (low + span) / scale }, { exclusiveMaximum: (low + span) / scale }][Math.floor(sides / 3)],
    }))

const strings = fc.oneof(
  fc.constant({ type: 'string' }),
  pair(fc.integer({ min: 0, max: 12 }), (a, b) => a - b).map(([minLength, maxLength]) => ({
    type: 'string',
    minLength,
    maxLength,
  })),
  fc
    .constantFrom('date', 'time', 'date-time', 'uuid', 'email', 'ipv4', 'ipv6', 'uri', 'hostname', 'duration')
    .map((format) => ({ type: 'string', format })),
  fc
    .record({
      pattern: fc.constantFrom('^[a-z]{2,5}$', '\\d+', '^(foo|bar)-[^x]*$', '^\\S+@\\S+$', 'a|^b', '"\\\\', '^.{3}'),
      bounds: fc.constantFrom({}, { minLength: 5 }, { minLength: 3, maxLength: 5 }),
    })
    .map(({ pattern, bounds }) => ({ type: 'string', pattern, ...bounds })),
)

/** Schemas that can all be enforced; no property is required that nothing can satisfy. */
export const schemas: fc.Arbitrary<Record<string, unknown>> = fc.letrec<{ schema: Record<string, unknown> }>((tie) => {
  const properties = fc.dictionary(name, tie('schema'), { maxKeys: 4 })
  return {
    schema: fc.oneof(
      { maxDepth: 3, withCrossShrink: true },
      fc.oneof(
        fc.constantFrom<Record<string, unknown>[]>(
          { type: 'boolean' },
          { type: 'null' },
          {},
          { type: ['string', 'null'] },
        ),
        fc
          .uniqueArray(fc.jsonValue({ maxDepth: 1 }), { minLength: 1, maxLength: 4 })
          .map((values) => ({ enum: values })),
        text.map((value) => ({ const: value })),
        numbers('integer', 1),
        numbers('number', 1000),
        strings,
      ),
      fc.record({
        type: fc.constant('array'),
        items: tie('schema'),
        minItems: fc.integer({ min: 0, max: 2 }),
        maxItems: fc.integer({ min: 2, max: 4 }),
      }),
      fc.record({ type: fc.constant('array'), prefixItems: fc.array(tie('schema'), { minLength: 1, maxLength: 3 }) }),
      fc.record({ anyOf: fc.array(tie('schema'), { minLength: 1, maxLength: 3 }) }),
      fc
        .tuple(properties, fc.infiniteStream(fc.boolean()), fc.constantFrom({}, { additionalProperties: false }))
        .map(([declared, isRequired, closed]) => ({
          type: 'object',
          properties: declared,
          required: Object.keys(declared).filter(() => isRequired.next().value),
          ...closed,
        })),
      fc.record({ type: fc.constant('object'), properties, additionalProperties: tie('schema') }),
    ),
  }
}).schema

import { z } from 'zod'

/** A JSON schema; what it says is checked by who compiles it. */
const JsonSchemaFormat = z.strictObject({
  name: z.string().regex(/^[A-Za-z0-9_-]{1,64}$/, 'it must be 1 to 64 letters, digits, hyphens or underscores'),
  description: z.string().nullish(),
  schema: z.record(z.string(), z.unknown()).nullish(),
  strict: z.boolean().nullish(),
})

/**
 * What the answer has to be: any text, a JSON object, or JSON that satisfies a schema, after
 * https://platform.openai.com/docs/api-reference/chat/create.
 */
export const ResponseFormat = z.discriminatedUnion('type', [
  z.strictObject({ type: z.literal('text') }),
  z.strictObject({ type: z.literal('json_object') }),
  z.strictObject({ type: z.literal('json_schema'), json_schema: JsonSchemaFormat }),
])
export type ResponseFormat = z.infer<typeof ResponseFormat>

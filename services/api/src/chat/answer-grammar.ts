import { Failure } from '@millrace/contracts/failures'
import { type ChatCompletionRequest, parameterPath } from '@millrace/contracts/openai'
import { checkGbnf, compileJsonSchema, GrammarError, jsonObjectGrammar, requireStrictSchema } from '@millrace/grammar'

/**
 * The grammar that the answer has to keep to; undefined when it may be any text.
 *
 * @throws Failure for what cannot be enforced, with the keyword's path as `param`.
 */
export function answerGrammar({ grammar, response_format }: ChatCompletionRequest): string | undefined {
  if (grammar) return blaming(['grammar'], () => checked(grammar))
  if (!response_format || response_format.type === 'text') return undefined
  if (response_format.type === 'json_object') return jsonObjectGrammar()
  const { schema, strict } = response_format.json_schema
  if (!schema) return jsonObjectGrammar()
  return blaming(['response_format', 'json_schema', 'schema'], () => {
    if (strict) requireStrictSchema(schema)
    return checked(compileJsonSchema(schema))
  })
}

function checked(grammar: string): string {
  checkGbnf(grammar)
  return grammar
}

function blaming<T>(parameter: readonly string[], work: () => T): T {
  try {
    return work()
  } catch (error) {
    if (!(error instanceof GrammarError)) throw error
    const param = parameterPath([...parameter, ...error.place])
    throw new Failure('invalid_request', `Invalid '${param}': ${error.message}.`, { param })
  }
}

import { ErrorBody } from '@millrace/contracts/openai'

/** Name of the security scheme that the document declares. */
export const bearerScheme = 'bearer'

export const bearer = [{ [bearerScheme]: [] }]

export const errorResponse = {
  description: 'An error, with a status of 400 or above.',
  content: { 'application/json': { schema: ErrorBody } },
}

import { nanoid } from 'nanoid'

/** For a request that brought no usable `x-request-id` of its own. */
export function newRequestId(): string {
  return `req_${nanoid()}`
}

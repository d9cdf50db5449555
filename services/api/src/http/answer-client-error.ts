import { STATUS_CODES } from 'node:http'
import type { Duplex } from 'node:stream'
import { Failure } from '@millrace/contracts/failures'
import { errorBody } from '@millrace/contracts/openai'
import { newRequestId } from './new-request-id.ts'

/** Answers, in the form of all other errors, a client whose request was cut off or could not be parsed at all. */
export function answerClientError(error: NodeJS.ErrnoException, socket: Duplex): void {
  if (error.code === 'ECONNRESET' || !socket.writable) {
    socket.destroy()
    return
  }
  const { status, failure } = describe(error.code)
  const body = JSON.stringify(errorBody(failure))
  const head = [
    `HTTP/1.1 ${status} ${STATUS_CODES[status]}`,
    'connection: close',
    'content-type: application/json',
    `content-length: ${Buffer.byteLength(body)}`,
    `x-request-id: ${newRequestId()}`,
  ]
  socket.end(`${head.join('\r\n')}\r\n\r\n${body}`)
}

function describe(code: string | undefined): { status: number; failure: Failure } {
  if (code === 'ERR_HTTP_REQUEST_TIMEOUT') {
    return { status: 408, failure: new Failure('request_timeout', 'The request did not arrive in time.') }
  }
  if (code === 'HPE_HEADER_OVERFLOW') {
    return { status: 431, failure: new Failure('invalid_request', 'The headers of the request are too large.') }
  }
  return { status: 400, failure: new Failure('invalid_request', 'The request is not valid HTTP.') }
}

import type { FetchContext } from './fetched-file.ts'
import { hubUrl } from './hub-url.ts'

/** A hub that does not answer within this is not reachable from here; the next source is tried. */
const answerTimeoutMs = 5000

/**
 * `fetch` for the hub. It gives up on a server that sends no response head in time, refuses a whole file for a part,
 * and shows the token to the hub alone: its storage has signed URLs, and `fetch` drops the header when a redirect
 * leaves the origin (https://fetch.spec.whatwg.org/#http-redirect-fetch).
 */
export function hubFetch({ hfToken, signal }: Pick<FetchContext, 'hfToken' | 'signal'>): typeof fetch {
  const hubOrigin = new URL(hubUrl()).origin
  return async (input, init) => {
    const request = new Request(input, init)
    if (hfToken && new URL(request.url).origin === hubOrigin) request.headers.set('authorization', `Bearer ${hfToken}`)
    const silent = new AbortController()
    const noAnswer = new Error(`no answer within ${answerTimeoutMs / 1000} s`)
    const timer = setTimeout(() => silent.abort(noAnswer), answerTimeoutMs)
    try {
      const response = await fetch(request, { signal: AbortSignal.any([signal, silent.signal]) })
      if (response.status === 200 && request.headers.has('range'))
        throw new Error('the server sends no parts of files, which downloads need')
      return response
    } finally {
      clearTimeout(timer)
    }
  }
}

import { Failure } from '@millrace/contracts/failures'
import type { Context, Hono } from 'hono'
import type { ApiEnv } from '../dependencies.ts'
import { failureResponse } from './failure-response.ts'

const methods = ['GET', 'POST', 'PUT', 'PATCH', 'DELETE']

/** What no route took: 405 with `Allow` when the path exists for another method, else 404. */
export function unknownUrl(app: Hono<ApiEnv>) {
  return (c: Context<ApiEnv>): Response => {
    const asked = `${c.req.method} ${c.req.path}`
    const allowed = methods.filter((method) => hasRoute(app, method, c.req.path))
    if (allowed.length === 0) return failureResponse(c, new Failure('unknown_url', `Unknown request URL: ${asked}.`))
    // Hono answers HEAD wherever it answers GET.
    const allow = (allowed.includes('GET') ? ['HEAD', ...allowed] : allowed).join(', ')
    c.header('allow', allow)
    return failureResponse(c, new Failure('method_not_allowed', `Not allowed: ${asked}. This URL accepts ${allow}.`))
  }
}

/** Middleware is registered for all methods; a route is for one. */
function hasRoute(app: Hono<ApiEnv>, method: string, path: string): boolean {
  const [matches] = app.router.match(method, path)
  return matches.some(([[, route]]) => route.method === method)
}

import { Failure } from '@millrace/contracts/failures'
import { createMiddleware } from 'hono/factory'
import type { ApiEnv } from '../dependencies.ts'
import type { KeyRing } from './key-ring.ts'

/** Lets through who shows a key (`Authorization: Bearer`), and sets the `tenant`; answers 401 to everybody else. */
export const authenticate = (keys: KeyRing) =>
  createMiddleware<ApiEnv>(async function authenticate(c, next) {
    c.set('tenant', tenantOf(keys, c.req.header('authorization')))
    await next()
  })

function tenantOf(keys: KeyRing, authorization: string | undefined): string {
  const key = /^Bearer +(\S+) *$/i.exec(authorization ?? '')?.[1]
  if (key === undefined) {
    throw new Failure(
      'invalid_api_key',
      "You didn't provide an API key. Send it in the Authorization header: Authorization: Bearer YOUR_KEY.",
    )
  }
  const tenant = keys.tenantOf(key)
  if (tenant === undefined) throw new Failure('invalid_api_key', 'Incorrect API key provided.')
  return tenant
}

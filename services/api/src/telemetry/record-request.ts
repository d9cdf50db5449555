import { toFailure } from '@millrace/contracts/failures'
import type { JobKind } from '@millrace/contracts/jobs'
import { createMiddleware } from 'hono/factory'
import type { ApiDependencies, ApiEnv } from '../dependencies.ts'
import { matchedRoute } from './matched-route.ts'
import { RequestRecord } from './request-record.ts'

/** Begins the record of a request for a model, and ends it if the request fails before it has jobs. */
export const recordRequest = ({ metrics, audit }: Pick<ApiDependencies, 'metrics' | 'audit'>, kind: JobKind) =>
  createMiddleware<ApiEnv>(async function recordRequest(c, next) {
    const { requestId, tenant } = c.var
    const record = new RequestRecord({ requestId, tenant, kind, route: matchedRoute(c), metrics, audit })
    c.set('record', record)
    await next()
    if (c.error !== undefined) record.finish(toFailure(c.error).code)
  })

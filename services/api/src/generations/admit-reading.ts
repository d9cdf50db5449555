import type { Context } from 'hono'
import { nanoid } from 'nanoid'
import type { ApiDependencies, ApiEnv } from '../dependencies.ts'

/** Counts a request that only reads what another one started. Throws the Failure that refuses it. */
export async function admitReading({ quotas }: ApiDependencies, c: Context<ApiEnv>): Promise<void> {
  const { headers, refusal } = await quotas.admitReading({ tenant: c.var.tenant, holder: nanoid() })
  for (const [name, value] of headers) c.header(name, value)
  if (refusal !== undefined) throw refusal
}

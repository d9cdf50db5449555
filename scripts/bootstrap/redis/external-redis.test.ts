import { startRedis } from '@millrace/testkit'
import { Redis } from 'ioredis'
import { expect, onTestFinished, test } from 'vitest'
import { freePort } from '../../cluster/free-port.ts'
import { Problem } from '../setup/problem.mjs'
import { checkExternalRedis } from './external-redis.ts'

async function external() {
  const redis = await startRedis()
  onTestFinished(() => redis.stop())
  return redis
}

test('a server as Millrace needs it is named without a warning', async () => {
  const { url, port } = await external()
  const { label, warnings } = await checkExternalRedis(url)
  expect(label).toMatch(new RegExp(`^Redis \\d+\\.\\d+\\.\\d+ at 127\\.0\\.0\\.1:${port}$`))
  expect(warnings).toEqual([])
})

test('a server that may delete jobs, or forget them, is used with a warning, and not changed', async () => {
  const { url } = await external()
  const client = new Redis(url)
  onTestFinished(() => client.disconnect())
  await client.config('SET', 'maxmemory-policy', 'allkeys-lru')
  await client.config('SET', 'appendonly', 'no')
  const { warnings } = await checkExternalRedis(url)
  expect(warnings).toEqual([expect.stringContaining('noeviction'), expect.stringContaining('appendonly')])
  expect(await client.config('GET', 'maxmemory-policy')).toContain('allkeys-lru')
})

test('a server that is not there is a problem that names REDIS_URL, never its password', async () => {
  const failed = checkExternalRedis(`redis://user:secret@127.0.0.1:${await freePort()}`)
  await expect(failed).rejects.toBeInstanceOf(Problem)
  await expect(failed).rejects.toThrow(/REDIS_URL[\s\S]*ECONNREFUSED/)
  await expect(failed).rejects.not.toThrow(/secret/)
})

test('a server that refuses the password is a problem that says so', async () => {
  const { url } = await external()
  const client = new Redis(url)
  onTestFinished(() => client.disconnect())
  await client.config('SET', 'requirepass', 'right')
  await expect(checkExternalRedis(url.replace('//', '//:wrong@'))).rejects.toThrow(/WRONGPASS|NOAUTH|invalid/)
})

import { chmod, mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { delimiter, join } from 'node:path'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { findRedisServer } from './find-redis-server.ts'

let folder: string

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'millrace-path-'))
})
afterEach(() => rm(folder, { recursive: true }))

async function addProgram(name: string, mode = 0o755): Promise<string> {
  const file = join(folder, name)
  await writeFile(file, '#!/bin/sh\n')
  await chmod(file, mode)
  return file
}

test('valkey-server serves where there is no redis-server', async () => {
  const valkey = await addProgram('valkey-server')
  expect(findRedisServer(`/nowhere${delimiter}${folder}`)).toBe(valkey)
  const redis = await addProgram('redis-server')
  expect(findRedisServer(`/nowhere${delimiter}${folder}`)).toBe(redis)
})

test('without a server the error says what is missing and how to get it', async () => {
  expect(() => findRedisServer(folder)).toThrow(/neither redis-server nor valkey-server is on PATH.*apt-get install/)
  expect(() => findRedisServer('')).toThrow(/TEST_REDIS_URL/)
})

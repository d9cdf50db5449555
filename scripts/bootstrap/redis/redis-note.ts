import { readFile, rm } from 'node:fs/promises'
import { join } from 'node:path'
import { writePrivateFile } from '../services/write-private-file.ts'

/** What a start writes down about its private Redis, for the next start in case that this one cannot end it. */
export type RedisNote = { pid: number; port: number; password: string }

const noteFile = (folder: string) => join(folder, 'running.json')

export async function noteRedis(folder: string, note: RedisNote): Promise<void> {
  await writePrivateFile(noteFile(folder), JSON.stringify(note))
}

/** Undefined when there is none, or when it is not whole. */
export async function readRedisNote(folder: string): Promise<RedisNote | undefined> {
  const text = await readFile(noteFile(folder), 'utf8').catch(() => '')
  return parse(text)
}

export async function forgetRedis(folder: string): Promise<void> {
  await rm(noteFile(folder), { force: true })
}

function parse(text: string): RedisNote | undefined {
  try {
    const { pid, port, password } = JSON.parse(text)
    const whole = Number.isInteger(pid) && pid > 1 && Number.isInteger(port) && typeof password === 'string'
    return whole ? { pid, port, password } : undefined
  } catch {
    return undefined
  }
}

import { createWriteStream } from 'node:fs'
import { stat } from 'node:fs/promises'
import { pipeline } from 'node:stream/promises'
import { setTimeout as delay } from 'node:timers/promises'
import { HubApiError } from '@huggingface/hub'
import { errorReason } from './error-reason.ts'

export type ResumableDownload = {
  /** Opens the remote file anew, since signed URLs expire. Reading a slice of it asks the server for that range. */
  open: () => Promise<Blob>
  sizeBytes: number
  /** Receives the bytes in order, so that whatever it holds is a valid beginning. */
  partPath: string
  /** Told the bytes on disk so far. */
  onBytes: (bytes: number) => void
  signal: AbortSignal
}

/** Attempts in a row that brought no byte, after which the download is given up; the part is kept. */
const fruitlessAttempts = 5
/** A connection that brings nothing for this long is dropped. */
const idleTimeoutMs = 30_000

/** Completes a partial download, over as many connections as it takes while each brings something. */
export async function downloadResumable(download: ResumableDownload): Promise<void> {
  let fruitless = 0
  for (;;) {
    const offset = await sizeOf(download.partPath)
    if (offset >= download.sizeBytes) return
    try {
      await appendFrom(offset, download)
    } catch (error) {
      download.signal.throwIfAborted()
      if (isRefusal(error)) throw error
      fruitless = (await sizeOf(download.partPath)) > offset ? 0 : fruitless + 1
      if (fruitless === fruitlessAttempts) throw new Error(`broke off: ${errorReason(error)}`, { cause: error })
      await delay(500 * 2 ** fruitless, undefined, { signal: download.signal })
    }
  }
}

async function appendFrom(offset: number, { open, partPath, onBytes, signal }: ResumableDownload): Promise<void> {
  const remote = await open()
  const idle = new AbortController()
  const timer = setTimeout(() => idle.abort(new Error(`nothing came for ${idleTimeoutMs / 1000} s`)), idleTimeoutMs)
  let bytes = offset
  const count = async function* (chunks: AsyncIterable<Uint8Array>) {
    for await (const chunk of chunks) {
      timer.refresh()
      bytes += chunk.length
      onBytes(bytes)
      yield chunk
    }
  }
  try {
    const file = createWriteStream(partPath, { flags: 'a' })
    const either = AbortSignal.any([signal, idle.signal])
    await pipeline(remote.slice(offset).stream(), count, file, { signal: either })
  } finally {
    clearTimeout(timer)
  }
}

/** Told to stay away, in contrast to a server that is busy or broken for the moment. */
function isRefusal(error: unknown): boolean {
  return error instanceof HubApiError && error.statusCode < 500 && error.statusCode !== 429
}

async function sizeOf(path: string): Promise<number> {
  const found = await stat(path).catch(() => undefined)
  return found?.size ?? 0
}

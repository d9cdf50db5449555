import { createHash } from 'node:crypto'
import { createReadStream } from 'node:fs'
import { open, stat } from 'node:fs/promises'

/** A file is whole and readable, but not what it should be. */
export class WrongContentError extends Error {
  override readonly name = 'WrongContentError'
}

export type VerifyOptions = {
  signal: AbortSignal
  /** Told the fraction that has been read. */
  onProgress?: (fraction: number) => void
}

/**
 * @throws {WrongContentError} When the file does not begin as GGUF files do
 * (https://github.com/ggml-org/ggml/blob/master/docs/gguf.md): a web page, a Git LFS pointer, another format.
 */
export async function assertGguf(path: string): Promise<void> {
  await using file = await open(path)
  const { buffer } = await file.read(Buffer.alloc(4), 0, 4, 0)
  if (buffer.toString('latin1') !== 'GGUF')
    throw new WrongContentError(`${path} is not a GGUF file: its first bytes are not "GGUF"`)
}

/** SHA-256 of a file, in hex. */
export async function sha256OfFile(path: string, { signal, onProgress }: VerifyOptions): Promise<string> {
  const { size } = await stat(path)
  const hash = createHash('sha256')
  let readBytes = 0
  onProgress?.(0)
  for await (const chunk of createReadStream(path, { highWaterMark: 1 << 20, signal })) {
    hash.update(chunk)
    readBytes += chunk.length
    onProgress?.(readBytes / size)
  }
  return hash.digest('hex')
}

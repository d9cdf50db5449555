import { randomBytes } from 'node:crypto'

/** Random bytes that begin as a GGUF file does; no two are alike. */
export function ggufLike(sizeBytes: number): Buffer {
  return Buffer.concat([Buffer.from('GGUF'), randomBytes(sizeBytes - 4)])
}

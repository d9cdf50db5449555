/** A job's vector, base64 of little-endian float32, in the form that the client asked for. */
export function embeddingVector(vector: string, format: 'float' | 'base64'): string | number[] {
  if (format === 'base64') return vector
  const bytes = Buffer.from(vector, 'base64')
  return Array.from({ length: bytes.length / 4 }, (_, index) => bytes.readFloatLE(index * 4))
}

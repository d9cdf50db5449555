/** L2-normalises a vector (node-llama-cpp returns it raw) and encodes it as base64 of little-endian float32. */
export function encodeVector(vector: readonly number[]): string {
  const norm = Math.hypot(...vector)
  const bytes = Buffer.alloc(vector.length * Float32Array.BYTES_PER_ELEMENT)
  for (const [index, value] of vector.entries()) {
    bytes.writeFloatLE(norm > 0 ? value / norm : 0, index * Float32Array.BYTES_PER_ELEMENT)
  }
  return bytes.toString('base64')
}

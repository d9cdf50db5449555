import type { PositionedChunk } from './chat-chunks.ts'

/** Chunks as events of a stream. Usage is for those who asked for it; they see `usage: null` on the other chunks. */
export async function* chatEvents(chunks: AsyncIterable<PositionedChunk>, { includeUsage }: { includeUsage: boolean }) {
  for await (const { chunk, position } of chunks) {
    const isUsage = chunk.choices.length === 0
    if (isUsage && !includeUsage) continue
    const sent = includeUsage && !isUsage ? { ...chunk, usage: null } : chunk
    yield { id: position, data: JSON.stringify(sent) }
  }
}

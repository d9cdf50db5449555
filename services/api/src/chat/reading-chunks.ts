import { headerOf } from '../generations/generation-record.ts'
import type { Reading } from '../generations/reading.ts'
import { chatChunks, type PositionedChunk } from './chat-chunks.ts'

/** What a reading of a generation has for its client. */
export function readingChunks({ record, frames, after }: Reading): AsyncGenerator<PositionedChunk> {
  return chatChunks({ frames, header: headerOf(record), choices: record.choices, after })
}

import type { Frame, ResumePoint } from '@millrace/contracts/jobs'

/** Folds the frames of earlier attempts to the point from which a generation continues; undefined without a token. */
export async function foldResumePoint(pages: AsyncIterable<readonly Frame[]>): Promise<ResumePoint | undefined> {
  const tokens: number[] = []
  let text = ''
  for await (const frames of pages) {
    for (const event of frames.flatMap((frame) => frame.events)) {
      if (event.type !== 'text-delta') continue
      text += event.text
      tokens.push(...event.tokens)
    }
  }
  return tokens.length > 0 ? { tokens, text } : undefined
}

import { readFile } from 'node:fs/promises'
import { z } from 'zod'
import { writeAtomically } from './durable-file.ts'

/** What was verified about a stored model, so that a start need not hash gigabytes. The first file is the one to load. */
const ModelRecord = z.object({
  files: z.array(z.object({ name: z.string(), sha256: z.string(), sizeBytes: z.number(), mtimeMs: z.number() })),
})
type ModelRecord = z.infer<typeof ModelRecord>
export type VerifiedFile = ModelRecord['files'][number]

/** The files that were verified once; none when there is no record. */
export async function readRecord(path: string): Promise<VerifiedFile[]> {
  try {
    return ModelRecord.parse(JSON.parse(await readFile(path, 'utf8'))).files
  } catch {
    // Missing, or not ours to understand: either way nothing is known, and the files are verified again.
    return []
  }
}

export async function writeRecord(path: string, files: VerifiedFile[]): Promise<void> {
  await writeAtomically(path, `${JSON.stringify({ files } satisfies ModelRecord, undefined, 2)}\n`)
}

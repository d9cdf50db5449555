import { basename, join } from 'node:path'
import { downloadFile, pathsInfo } from '@huggingface/hub'
import { splitParts } from '../gguf-name.ts'
import type { HubFileSource, HubTagSource } from '../model-card.ts'
import { readableSize } from '../readable-size.ts'
import { downloadResumable } from './download-resumable.ts'
import { explainHubError } from './explain-hub-error.ts'
import type { FetchContext, FetchedFile } from './fetched-file.ts'
import { hubFetch } from './hub-fetch.ts'
import { hubUrl } from './hub-url.ts'
import { resolveHubTag } from './resolve-hub-tag.ts'

type HubFile = Awaited<ReturnType<typeof pathsInfo>>[number]

/** Downloads a model from Hugging Face; a cut-off download goes on where it stopped. */
export async function fetchFromHub(
  source: HubFileSource | HubTagSource,
  context: FetchContext,
): Promise<FetchedFile[]> {
  try {
    const file = source.type === 'hub-tag' ? await resolveHubTag(source, context) : source
    return await downloadAll(file, await listParts(file, context), context)
  } catch (error) {
    throw explainHubError(error, context)
  }
}

/** Sizes and checksums of all parts, as the hub announces them. */
async function listParts(source: HubFileSource, context: FetchContext): Promise<HubFile[]> {
  const paths = splitParts(source.path)
  const found = await pathsInfo({ ...location(source, context), paths })
  return paths.map((path) => found.find((file) => file.path === path && file.type === 'file') ?? missing(source, path))
}

async function downloadAll(source: HubFileSource, files: HubFile[], context: FetchContext): Promise<FetchedFile[]> {
  const totalBytes = files.reduce((sum, file) => sum + file.size, 0)
  const step = `Downloading ${context.label} (${readableSize(totalBytes)})`
  const fetched: FetchedFile[] = []
  let doneBytes = 0
  for (const file of files) {
    const onBytes = (bytes: number) => context.onProgress(step, (doneBytes + bytes) / totalBytes)
    fetched.push(await download({ ...source, path: file.path }, file, { ...context, onBytes }))
    doneBytes += file.size
  }
  return fetched
}

async function download(
  source: HubFileSource,
  { path, size, oid, lfs }: HubFile,
  context: FetchContext & { onBytes: (bytes: number) => void },
): Promise<FetchedFile> {
  // Named after the content, so that another content under the same name does not continue this one.
  const partPath = join(context.incomingDir, `${lfs?.oid ?? oid}-${basename(path)}.part`)
  // Without the Xet protocol a download is one stream in order: what is on the disk can be continued.
  const open = async () =>
    (await downloadFile({ ...location(source, context), path, xet: false })) ?? missing(source, path)
  await downloadResumable({ open, sizeBytes: size, partPath, onBytes: context.onBytes, signal: context.signal })
  return { path: partPath, name: basename(path), sha256: lfs?.oid }
}

function location({ repository, revision }: HubFileSource, context: FetchContext) {
  return { repo: repository, revision, hubUrl: hubUrl(), fetch: hubFetch(context) }
}

function missing({ repository, revision }: HubFileSource, path: string): never {
  throw new Error(`${repository} has no file ${path} at ${revision}`)
}

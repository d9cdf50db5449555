import { HubApiError } from '@huggingface/hub'
import { z } from 'zod'
import type { HubFileSource, HubTagSource } from '../model-card.ts'
import type { FetchContext } from './fetched-file.ts'
import { hubFetch } from './hub-fetch.ts'
import { hubUrl } from './hub-url.ts'

const Manifest = z.object({ ggufFile: z.object({ rfilename: z.string().regex(/\.gguf$/i) }) })

/**
 * The file that a repository's quantization means. The hub answers this for clients of llama.cpp, which is why the
 * user agent says so (https://github.com/ggml-org/llama.cpp/pull/11195).
 */
export async function resolveHubTag({ repository, tag }: HubTagSource, context: FetchContext): Promise<HubFileSource> {
  const url = `${hubUrl()}/v2/${repository}/manifests/${encodeURIComponent(tag)}`
  const response = await hubFetch(context)(url, { headers: { 'user-agent': 'llama-cpp' } })
  if (response.status === 400 || response.status === 404) throw new Error(`${repository} has no GGUF file "${tag}"`)
  if (!response.ok) throw new HubApiError(url, response.status, undefined, `the hub answered ${response.status}`)
  const { ggufFile } = Manifest.parse(await response.json())
  return { type: 'hub-file', repository, revision: 'main', path: ggufFile.rfilename }
}

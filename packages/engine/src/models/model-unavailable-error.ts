import type { ModelCard } from './model-card.ts'

/** A source that was tried, in words for a person, and why it gave no model. */
export type FailedSource = { source: string; reason: string }

/** No source of a model gave it. The message lists each with its reason, and what can be done. */
export class ModelUnavailableError extends Error {
  readonly failedSources: readonly FailedSource[]

  constructor(card: ModelCard, failedSources: readonly FailedSource[]) {
    super([`The model "${card.id}" is not to be had:`, ...failedSources.map(line), whatToDo(card)].join('\n'))
    this.name = 'ModelUnavailableError'
    this.failedSources = failedSources
  }
}

function line({ source, reason }: FailedSource): string {
  return `  - ${source}: ${reason}`
}

function whatToDo(card: ModelCard): string {
  const variable = { generation: 'MODEL_ID', embedding: 'EMBEDDING_MODEL_ID' }
  const name = card.kind ? variable[card.kind] : 'MODEL_ID or EMBEDDING_MODEL_ID'
  return card.sources.some((source) => source.type === 'local')
    ? `Set ${name} to the path of a .gguf file that exists, to an hf: URI, or leave it unset for the default model.`
    : `Try again with a network that reaches one of these, or copy a .gguf file to this machine and set ${name} to its path.`
}

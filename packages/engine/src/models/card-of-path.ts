import { publicName } from './gguf-name.ts'
import type { ModelCard } from './model-card.ts'

/** The card of a `.gguf` file on this machine. */
export function cardOfPath(path: string): ModelCard {
  const id = publicName(path)
  return { id, label: id, storedAs: id, sources: [{ type: 'local', path }] }
}

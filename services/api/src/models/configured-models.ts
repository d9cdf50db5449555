import { modelCard } from '@millrace/engine/catalogue'
import type { Settings } from '@millrace/runtime/settings'
import type { ConfiguredModel } from './model-directory.ts'

/** What the settings say that workers will serve, by the names clients use. */
export function configuredModels(settings: Pick<Settings, 'modelId' | 'embeddingModelId'>): {
  /** Id of the model for chats. */
  chat: string
  all: ConfiguredModel[]
} {
  const chat = modelCard(settings.modelId).id
  const embedding = modelCard(settings.embeddingModelId).id
  return {
    chat,
    all: [
      { id: chat, kind: 'generation' },
      { id: embedding, kind: 'embedding' },
    ],
  }
}

import { join } from 'node:path'
import { modelCard } from '@millrace/engine/catalogue'
import { readSettings, type Settings, SettingsError } from '@millrace/runtime/settings'
import { freePort } from '../cluster/free-port.ts'
import { Problem } from './setup/problem.mjs'

/** The settings of a whole cluster: what a single service may leave open is decided here. */
export type ClusterSettings = { settings: Settings; port: number; logDir: string; chatModel: string }

/** @throws Problem with everything that is wrong, before anything long is begun. */
export async function readClusterSettings(env: NodeJS.ProcessEnv): Promise<ClusterSettings> {
  const { settings, chatModel } = parse(env)
  return {
    settings,
    chatModel,
    port: settings.port === 0 ? await freePort() : settings.port,
    logDir: settings.logDir ?? join(settings.dataDir, 'logs'),
  }
}

function parse(env: NodeJS.ProcessEnv): { settings: Settings; chatModel: string } {
  try {
    const settings = readSettings(env)
    modelCard(settings.embeddingModelId)
    return { settings, chatModel: modelCard(settings.modelId).id }
  } catch (error) {
    if (error instanceof SettingsError) throw new Problem(error.message)
    throw error instanceof Error ? new Problem(`MODEL_ID or EMBEDDING_MODEL_ID: ${error.message}`) : error
  }
}

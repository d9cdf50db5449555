import { toFailure } from '@millrace/contracts/failures'
import type { ApiDependencies } from '../dependencies.ts'

/** What keeps this process from serving a chat, for a person to read; empty when nothing does. */
export async function unreadyReasons({
  pingRedis,
  models,
  defaultChatModel,
  inFlight,
}: Pick<ApiDependencies, 'pingRedis' | 'models' | 'defaultChatModel' | 'inFlight'>): Promise<string[]> {
  if (inFlight.isClosing) return ['the server is shutting down']
  try {
    await pingRedis()
  } catch {
    return ['Redis cannot be reached']
  }
  try {
    await models.require(defaultChatModel, 'generation')
    return []
  } catch (error) {
    return [toFailure(error).message]
  }
}

import type { ClientSetting } from '../clients/client-setting.ts'
import type { ChaosRequest, ChatRequest } from '../clients/request.ts'
import type { Random } from '../random.ts'

/** What each choice of a chat must say. */
export type ExpectedChoice = { text: string; finishReason: string; completionTokens: number }

/** What clients ask under chaos, and what is known about the answers. */
export type Load = {
  /** Settings of the cluster that it needs. */
  env: Record<string, string>
  scripted: boolean
  /** Called once before the chaos, while all is quiet. */
  prepare(setting: Pick<ClientSetting, 'urls' | 'apiKey' | 'model' | 'embeddingModel'>): Promise<void>
  draw(random: Random): ChaosRequest
  promptTokens(request: ChatRequest): number
  expected(request: ChatRequest): ExpectedChoice
  /** False when other generations beside it may change a text by rounding: then what is expected is only likely. */
  isExact: boolean
  vector(input: string): readonly number[]
}

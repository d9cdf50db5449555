import { HubApiError } from '@huggingface/hub'
import { errorReason } from './error-reason.ts'
import type { FetchContext } from './fetched-file.ts'

/** What a hub's refusal means for the person who set `MODEL_ID`. The hub answers 401 also for what does not exist. */
export function explainHubError(thrown: unknown, { hfToken }: FetchContext): Error {
  if (thrown instanceof HubApiError && (thrown.statusCode === 401 || thrown.statusCode === 403)) {
    const advice = hfToken
      ? 'the account of HF_TOKEN may not read it (a gated model wants its terms accepted on its page first)'
      : 'it needs HF_TOKEN, or does not exist'
    return new Error(`the hub answered ${thrown.statusCode}: ${advice}`)
  }
  // What fetch throws when no connection comes about; its cause says which step failed.
  if (thrown instanceof TypeError && thrown.message === 'fetch failed')
    return new Error(`the hub cannot be reached${proxyAdvice()}`, { cause: thrown.cause })
  return thrown instanceof Error ? thrown : new Error(errorReason(thrown))
}

/** Other tools obey these variables unasked; Node's fetch wants to be told. */
function proxyAdvice(): string {
  const { HTTPS_PROXY, https_proxy: lowerCase, NODE_USE_ENV_PROXY } = process.env
  return (HTTPS_PROXY || lowerCase) && !NODE_USE_ENV_PROXY ? '; NODE_USE_ENV_PROXY=1 makes HTTPS_PROXY count' : ''
}

export type StopRequest = { signal: AbortSignal; hurry: AbortSignal }
export function listenForStop(): StopRequest

export { type EnsureModelOptions, ensureModel } from './ensure-model.ts'
export type { ModelCard, ModelKind, ModelSource } from './model-card.ts'
export { ModelUnavailableError } from './model-unavailable-error.ts'

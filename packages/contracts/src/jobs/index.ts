export { EmbeddingJob } from './embedding-job.ts'
export type {
  CreateEngine,
  EmbeddingEvent,
  Engine,
  EngineOptions,
  EngineRunOptions,
  GenerationEvent,
  ResumePoint,
} from './engine.ts'
export { Frame } from './frame.ts'
export { ChatTurn, GenerationJob, Sampling } from './generation-job.ts'
export { Job, type JobKind } from './job.ts'
export {
  type EmbeddingComputed,
  isTerminal,
  type JobCancelled,
  JobEvent,
  type JobFailed,
  type JobFinished,
  type JobStarted,
  type TerminalEvent,
  type TextDelta,
} from './job-event.ts'
export { ServedModel, WorkerStatus } from './served-model.ts'
export { isInteractive, ServiceClass, serviceClasses } from './service-class.ts'
export { TokenUsage } from './token-usage.ts'

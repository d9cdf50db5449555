import type { JobEvent, ResumePoint, TokenUsage } from '@millrace/contracts/jobs'

/** How far a job has come, for the endings that the engine does not report itself. */
export class JobProgress {
  readonly usage: TokenUsage

  constructor(resumeFrom?: ResumePoint) {
    this.usage = { promptTokens: 0, cachedTokens: 0, completionTokens: resumeFrom?.tokens.length ?? 0 }
  }

  observe(event: JobEvent): void {
    if (event.type === 'job-started') {
      this.usage.promptTokens = event.promptTokens
      this.usage.cachedTokens = event.cachedTokens
    } else if (event.type === 'text-delta') {
      this.usage.completionTokens += event.tokens.length
    }
  }
}

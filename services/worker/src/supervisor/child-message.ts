import { z } from 'zod'

/** What a worker process tells its supervisor. */
export const ChildMessage = z.discriminatedUnion('type', [
  /** A long step of the start, for a person; `fraction` is 0 to 1. */
  z.object({ type: z.literal('step-progressed'), step: z.string(), fraction: z.number() }),
  /** Weights are loaded and jobs are taken. */
  z.object({ type: z.literal('worker-ready') }),
  /** The answer to `metrics-wanted`, as prom-client's JSON. */
  z.object({ type: z.literal('metrics-collected'), request: z.int(), metrics: z.array(z.unknown()) }),
])
export type ChildMessage = z.infer<typeof ChildMessage>

/** What a supervisor asks of a worker process. */
export const SupervisorMessage = z.object({ type: z.literal('metrics-wanted'), request: z.int() })
export type SupervisorMessage = z.infer<typeof SupervisorMessage>

/** Exit code of a worker process that would fail in the same way each time (`EX_CONFIG` of sysexits.h). */
export const permanentFailureExitCode = 78

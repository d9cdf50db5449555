import { z } from 'zod'

/** Opaque: made and read by prom-client. */
const Metric = z.custom<object>((value) => typeof value === 'object' && value !== null)

/** What a worker process tells its supervisor. */
export const WorkerMessage = z.discriminatedUnion('type', [
  /** A long step of starting, and its fraction done, 0 to 1. */
  z.object({ type: z.literal('worker-loading'), step: z.string(), fraction: z.number() }),
  /** Models are in memory and jobs are being taken. */
  z.object({ type: z.literal('worker-ready'), models: z.array(z.string()) }),
  /** It cannot start, and will not be able to if it is only started again. It then exits with `refusedExitCode`. */
  z.object({ type: z.literal('worker-refused'), reason: z.string() }),
  /** All its metrics, as prom-client's `getMetricsAsJSON` gives them; every second. */
  z.object({ type: z.literal('worker-measured'), metrics: z.array(Metric) }),
])
export type WorkerMessage = z.infer<typeof WorkerMessage>

/** `EX_CONFIG` of sysexits.h: starting again changes nothing, somebody must change a setting or the machine. */
export const refusedExitCode = 78

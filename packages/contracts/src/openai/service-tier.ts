import { z } from 'zod'

/** How urgent a request is, as OpenAI's clients say it; `auto` is `default`, and OpenAI's `scale` has no meaning here. */
export const serviceTiers = ['default', 'flex', 'priority'] as const
export const ServiceTier = z.enum(serviceTiers)
export type ServiceTier = z.infer<typeof ServiceTier>

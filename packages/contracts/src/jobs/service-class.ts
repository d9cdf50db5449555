import { z } from 'zod'

/**
 * How urgent a job is, the most urgent first; the first three are OpenAI's service tiers. A class goes before the next
 * one, but not for ever: see the queue package for how they age.
 */
export const serviceClasses = ['priority', 'default', 'flex', 'batch'] as const
export const ServiceClass = z.enum(serviceClasses)
export type ServiceClass = z.infer<typeof ServiceClass>

/** Whether somebody sits and waits for it. Work of the other classes gives way to it, even when it is running. */
export function isInteractive(serviceClass: ServiceClass): boolean {
  return serviceClass === 'priority' || serviceClass === 'default'
}

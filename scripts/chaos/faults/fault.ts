import type { Redis } from 'ioredis'
import type { Cluster } from '../../cluster/start-cluster.ts'
import type { Departures } from '../clients/departures.ts'
import type { Random } from '../random.ts'

/** What a fault may lay hands on. */
export type FaultSetting = {
  cluster: Cluster
  /** A connection of the chaos itself, which waits while Redis is away. */
  redis: Redis
  departures: Departures
  /** What is down or frozen already. */
  busy: Set<string>
}

export type Injection = {
  /** Whom it hit. */
  target: string
  /** Resolves when the victim is back; unset when the cluster heals by itself. */
  healed?: Promise<void>
}

export type Fault = {
  kind: string
  /** How often it is drawn, beside the others. */
  weight: number
  /** Undefined when there is nobody to hit at the moment. */
  inject(random: Random): Promise<Injection | undefined>
}

import type { QuotaCounter, Reservation, ReservationRequest } from './quota-counter.ts'

/** Where leases are kept. */
export interface LeaseStore {
  /** Takes a lease unless `limit` are held; gives how many the tenant holds now, its own included. */
  acquire(lease: { tenant: string; holder: string; limit: number }): Promise<{ granted: boolean; held: number }>
  release(lease: { tenant: string; holder: string }): Promise<void>
}

/** Nobody knows when a running request will end, so a refused one is told to try again soon. */
const retryMs = 1000

/** Requests of a tenant at the same time. */
export class LeaseCounter implements QuotaCounter {
  readonly limit: number
  readonly #store: LeaseStore

  constructor(options: { limit: number; store: LeaseStore }) {
    this.limit = options.limit
    this.#store = options.store
  }

  async reserve({ tenant, holder }: ReservationRequest): Promise<Reservation> {
    const { granted, held } = await this.#store.acquire({ tenant, holder, limit: this.limit })
    const settle = () => this.#store.release({ tenant, holder })
    return { granted, remaining: Math.max(this.limit - held, 0), resetMs: retryMs, settle }
  }
}

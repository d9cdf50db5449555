import type { LeaseStore } from './lease-counter.ts'

/** Leases of this process alone. */
export class MemoryLeases implements LeaseStore {
  readonly #holders = new Map<string, Set<string>>()

  async acquire({ tenant, holder, limit }: { tenant: string; holder: string; limit: number }) {
    const holders = this.#holders.get(tenant) ?? new Set()
    const granted = holders.size < limit
    if (granted) this.#holders.set(tenant, holders.add(holder))
    return { granted, held: holders.size }
  }

  async release({ tenant, holder }: { tenant: string; holder: string }): Promise<void> {
    const holders = this.#holders.get(tenant)
    holders?.delete(holder)
    if (holders?.size === 0) this.#holders.delete(tenant)
  }
}

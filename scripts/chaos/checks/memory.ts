import { readFile } from 'node:fs/promises'
import type { WorkerStatus } from '@millrace/contracts/jobs'
import type { Cluster } from '../../cluster/start-cluster.ts'

/** Resident memory of the largest process of each role, in MiB. */
export type Memory = { api: number; supervisor: number; worker: number; redis: number }

/** Of a process that has just begun, or is about to be collected. */
const toleranceMib = 64
const growthLimit = 1.5

export async function measureMemory(cluster: Cluster, workers: readonly WorkerStatus[]): Promise<Memory> {
  return {
    api: await largest(cluster.apis.map(({ pid }) => pid)),
    supervisor: await largest(cluster.supervisors.map(({ pid }) => pid)),
    worker: await largest(workers.map(({ pid }) => pid)),
    redis: await largest([cluster.redis.pid]),
  }
}

/** Roles that took much more memory after the last round than after the first. */
export function memoryGrowth(first: Memory, last: Memory): string[] {
  const roles = ['api', 'supervisor', 'worker'] as const
  return roles
    .filter((role) => last[role] > first[role] * growthLimit + toleranceMib)
    .map((role) => `the memory of the ${role} grew from ${first[role]} to ${last[role]} MiB`)
}

async function largest(pids: readonly number[]): Promise<number> {
  return Math.max(...(await Promise.all(pids.map(residentMib))))
}

/** 0 for a process that has gone. */
async function residentMib(pid: number): Promise<number> {
  const status = await readFile(`/proc/${pid}/status`, 'utf8').catch(() => '')
  return Math.round(Number(/^VmRSS:\s+(\d+) kB/m.exec(status)?.[1] ?? 0) / 1024)
}

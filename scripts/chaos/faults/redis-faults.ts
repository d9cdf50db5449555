import type { Fault, FaultSetting } from './fault.ts'

/** Restarts Redis, in good order or killed, and cuts connections to it. */
export function redisFaults({ cluster, redis, busy }: FaultSetting): Fault[] {
  const restart = (kind: string, weight: number, isKilled: boolean): Fault => ({
    kind,
    weight,
    async inject() {
      if (busy.has('redis')) return undefined
      busy.add('redis')
      if (isKilled) process.kill(cluster.redis.pid, 'SIGKILL')
      const healed = cluster.redis.restart().then(async () => {
        // Waits for the connection.
        await redis.ping()
        busy.delete('redis')
      })
      return { target: 'redis', healed }
    },
  })
  const cut = (kind: string, weight: number, type: 'pubsub' | 'normal'): Fault => ({
    kind,
    weight,
    async inject() {
      await redis.call('CLIENT', 'KILL', 'TYPE', type, 'SKIPME', 'yes')
      return { target: 'redis' }
    },
  })
  return [
    restart('kill -9 Redis', 2, true),
    restart('SIGTERM Redis', 2, false),
    cut('subscribers cut', 13, 'pubsub'),
    cut('connections cut', 4, 'normal'),
  ]
}

import { setTimeout as delay } from 'node:timers/promises'
import { LogKeys } from '@millrace/delta-log'
import type { Redis } from 'ioredis'
import type { Fault, FaultSetting } from './fault.ts'

/** While a log names no readers, its frames are logged and published to nobody: as if the messages got lost. */
const withholdScript = `
local readers = {}
for i, meta in ipairs(KEYS) do
  readers[i] = redis.call('HGET', meta, 'readers') or ''
  if readers[i] ~= '' then redis.call('HSET', meta, 'readers', '') end
end
return readers`

/** Those that registered meanwhile stay. */
const restoreScript = `
for i, meta in ipairs(KEYS) do
  local now = redis.call('HGET', meta, 'readers')
  for reader in string.gmatch(now and ARGV[i] or '', '%S+') do
    if not string.find(' ' .. now .. ' ', ' ' .. reader .. ' ', 1, true) then now = now .. ' ' .. reader end
  end
  if now then redis.call('HSET', meta, 'readers', now) end
end`

const longestLossMs = 120

/** Loses published frames, and delivers old ones again. */
export function messageFaults({ cluster, redis, busy }: FaultSetting): Fault[] {
  const keys = new LogKeys(cluster.redisPrefix)
  return [
    {
      kind: 'messages lost',
      weight: 16,
      async inject(random) {
        // A connection that breaks repeats the first script, which would forget the readers.
        const jobIds = busy.has('redis') ? [] : await openLogs(redis, keys)
        if (jobIds.length === 0) return undefined
        const metas = jobIds.map((jobId) => keys.meta(jobId))
        const readers = await redis.eval(withholdScript, metas.length, ...metas)
        await delay(random.integer(0, longestLossMs))
        if (Array.isArray(readers)) await redis.eval(restoreScript, metas.length, ...metas, ...readers.map(String))
        return { target: `${jobIds.length} logs` }
      },
    },
    {
      kind: 'messages doubled',
      weight: 10,
      async inject(random) {
        const jobIds = await openLogs(redis, keys)
        if (jobIds.length === 0) return undefined
        const jobId = random.pick(jobIds)
        const readers = (await redis.hget(keys.meta(jobId), 'readers')) ?? ''
        // Newest first: out of order as well.
        const entries = await redis.xrevrange(keys.frames(jobId), '+', '-', 'COUNT', random.integer(1, 20))
        for (const [, [, frame]] of entries) {
          for (const reader of readers.split(' ')) await redis.publish(keys.channelPrefix + reader, `[${frame}]`)
        }
        return { target: jobId }
      },
    },
  ]
}

/** Jobs whose logs have not ended. */
async function openLogs(redis: Redis, keys: LogKeys): Promise<string[]> {
  const [before, after] = keys.meta('*').split('*')
  const metas = await redis.keys(keys.meta('*'))
  const ended = await Promise.all(metas.map((meta) => redis.hexists(meta, 'ended')))
  return metas.filter((_, index) => ended[index] === 0).map((meta) => meta.slice(before?.length, -(after?.length ?? 0)))
}

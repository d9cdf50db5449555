import type { Child } from '../../cluster/child.ts'
import type { Fault, FaultSetting } from './fault.ts'
import { restartMember } from './restart-member.ts'

/** Ends an API or a supervisor, at once or in good order, and starts it again. */
export function processFaults({ cluster, busy }: FaultSetting): Fault[] {
  const restart = (kind: string, weight: number, members: Members, signal: 'SIGKILL' | 'SIGTERM'): Fault => ({
    kind,
    weight,
    async inject(random) {
      const candidates = members.filter(({ url }) => !busy.has(url))
      if (candidates.length === 0) return undefined
      const { child, url } = random.pick(candidates)
      return { target: url, healed: restartMember({ child, signal, url, busy, random }) }
    },
  })
  const apis = membersOf(cluster.apis, cluster.urls)
  const supervisors = membersOf(cluster.supervisors, cluster.supervisorUrls)
  return [
    restart('kill -9 API', 4, apis, 'SIGKILL'),
    restart('SIGTERM API', 3, apis, 'SIGTERM'),
    restart('kill -9 supervisor', 3, supervisors, 'SIGKILL'),
    restart('SIGTERM supervisor', 2, supervisors, 'SIGTERM'),
  ]
}

type Members = { child: Child; url: string }[]

function membersOf(children: readonly Child[], urls: readonly string[]): Members {
  return children.map((child, index) => ({ child, url: urls[index] ?? '' }))
}

import { DeltaLogReader } from '@millrace/delta-log'
import { JobQueue, WorkerRegistry } from '@millrace/queue'
import { connectRedis } from '@millrace/runtime'
import { type Cluster, startCluster } from '../cluster/start-cluster.ts'
import { type ChaosOptions, commandFor } from './chaos-options.ts'
import { checkAnswer } from './checks/check-answer.ts'
import { type Memory, measureMemory, memoryGrowth } from './checks/memory.ts'
import { untilQuiet } from './checks/until-quiet.ts'
import type { Answer } from './clients/answer.ts'
import { ClientPool } from './clients/client-pool.ts'
import type { ClientSetting } from './clients/client-setting.ts'
import { Departures } from './clients/departures.ts'
import { allFaults } from './faults/all-faults.ts'
import type { Fault } from './faults/fault.ts'
import { FaultLog, type FaultRecord } from './faults/fault-log.ts'
import { injectFaults } from './faults/inject-faults.ts'
import type { Load } from './load/load.ts'
import { realLoad } from './load/real-load.ts'
import { scriptedLoad } from './load/scripted-load.ts'
import { Random } from './random.ts'
import { type ChaosReport, enterAnswer, enterGaps, newReport } from './report/chaos-report.ts'

export type ChaosHooks = {
  /** Ends the chaos after the round that runs. */
  signal: AbortSignal
  onFault: (record: FaultRecord, count: number) => void
  onRound: (report: ChaosReport, round: number) => void
}

const devices = 'cpu,cpu'
const models = { generation: 'smollm2-135m-instruct', embedding: 'all-minilm-l6-v2' }
const env = {
  // As short as the faults come fast; answers are longer, so that jobs are handed back and streams broken off.
  SHUTDOWN_TIMEOUT: '3s',
  // The chaos kills more workers than prompts do.
  MAX_CRASHES: '20',
  LOG_LEVEL: 'warn',
}

/** Asks a cluster many things at once, breaks one part of it after the other, and checks that nothing is lost. */
export async function runChaos(options: ChaosOptions, hooks: ChaosHooks): Promise<ChaosReport> {
  const load = options.real ? realLoad() : scriptedLoad()
  await using cluster = await startCluster({
    ...{ apis: 2, supervisors: options.supervisors, devices, scripted: load.scripted, durableRedis: true },
    env: { ...env, ...load.env },
  })
  await using chaos = new Chaos(cluster, load, options)
  await load.prepare(chaos.setting)
  for (let round = 1; !hooks.signal.aborted && chaos.hasFaultsLeft; round++) {
    await chaos.round(round, hooks)
    hooks.onRound(chaos.report, round)
  }
  return chaos.finish()
}

class Chaos implements AsyncDisposable {
  readonly setting: ClientSetting
  readonly report: ChaosReport
  readonly #cluster: Cluster
  readonly #load: Load
  readonly #options: ChaosOptions
  readonly #random: Random
  readonly #redis: ReturnType<typeof connectRedis>
  readonly #queue: JobQueue
  readonly #logs: DeltaLogReader
  readonly #faults: readonly Fault[]
  readonly #log = new FaultLog()
  readonly #startedAtMs = performance.now()
  readonly #memory: Memory[] = []

  constructor(cluster: Cluster, load: Load, options: ChaosOptions) {
    const { redisUrl: url, redisPrefix: prefix, urls, apiKey } = cluster
    const departures = new Departures()
    this.#cluster = cluster
    this.#load = load
    this.#options = options
    this.#random = new Random(options.seed)
    // It waits while Redis is away, as everything here does.
    this.#redis = connectRedis({ url, role: 'consumer', name: 'chaos', onError: () => undefined })
    this.#queue = new JobQueue({ redis: this.#redis, prefix })
    const reading = { redis: this.#redis, subscriber: this.#redis, prefix, ttlMs: 1, replicaId: 'chaos' }
    this.#logs = new DeltaLogReader(reading)
    const patienceMs = options.real ? 300_000 : 120_000
    const { generation: model, embedding: embeddingModel } = models
    this.setting = { urls, apiKey, model, embeddingModel, patienceMs, departures }
    this.#faults = allFaults({ cluster, redis: this.#redis, departures, busy: new Set() })
    this.report = newReport(commandFor(options))
  }

  get hasFaultsLeft(): boolean {
    return this.#log.records.length < this.#options.faults
  }

  /** Asks and breaks, then waits until all is quiet, and checks. */
  async round(round: number, { signal, onFault }: ChaosHooks): Promise<void> {
    const { setting, report } = this
    const { streams: size, faults, roundFaults, pauseMs } = this.#options
    const load = this.#load
    const pool = new ClientPool({ setting, size, random: this.#random.fork(), draw: (random) => load.draw(random) })
    await injectFaults({
      ...{ faults: this.#faults, pauseMs, random: this.#random.fork(), log: this.#log, signal },
      count: Math.min(roundFaults, faults - this.#log.records.length),
      onInjected: (record) => onFault(record, this.#log.records.length),
    })
    const answers = await pool.stop()
    for (const what of await this.#whatRemains()) report.violations.push({ round, what, faults: [] })
    for (const answer of answers) await this.#check(answer, round)
    enterGaps(report, answers, this.#log)
    this.#memory.push(await measureMemory(this.#cluster, await this.#registry().list()))
    report.rounds = round
  }

  finish(): ChaosReport {
    const [first] = this.#memory
    const last = this.#memory.at(-1)
    this.report.seconds = Math.round((performance.now() - this.#startedAtMs) / 1000)
    if (first === undefined || last === undefined) return this.report
    this.report.memoryMib = { first, last }
    const { rounds: round, violations } = this.report
    for (const what of memoryGrowth(first, last)) violations.push({ round, what, faults: [] })
    return this.report
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#queue.close()
    this.#redis.disconnect()
  }

  async #whatRemains(): Promise<string[]> {
    const { redisPrefix: prefix, supervisors } = this.#cluster
    const workers = supervisors.length * devices.split(',').length
    return await untilQuiet({ redis: this.#redis, prefix, queue: this.#queue, models, workers })
  }

  async #check(answer: Answer, round: number): Promise<void> {
    const { report } = this
    enterAnswer(report, answer)
    const { problems, tokens, lost, doubled, exact } = await checkAnswer(this.#load, this.#logs, answer, this.#log)
    report.tokens += tokens
    report.tokensLost += lost
    report.tokensDoubled += doubled
    report.choicesAsExpected += exact
    if (problems.length === 0) return
    const faults = this.#log.during({ fromMs: answer.startedAtMs, toMs: answer.endedAtMs })
    const { name } = answer.request
    report.violations.push({ round, what: `${answer.id || name}: ${problems.join('; ')}`, faults })
  }

  #registry(): WorkerRegistry {
    return new WorkerRegistry({ redis: this.#redis, prefix: this.#cluster.redisPrefix })
  }
}

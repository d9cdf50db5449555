import type { Random } from '../random.ts'
import { type Answer, newAnswer } from './answer.ts'
import type { ClientSetting } from './client-setting.ts'
import { askOfficially } from './official-client.ts'
import type { ChaosRequest } from './request.ts'
import { readResuming } from './resuming-client.ts'

export type ClientPoolOptions = {
  setting: ClientSetting
  /** Clients at the same time; each asks again as soon as it has its answer. */
  size: number
  random: Random
  draw: (random: Random) => ChaosRequest
}

/** Keeps so many requests open until it is told to stop. */
export class ClientPool {
  readonly #options: ClientPoolOptions
  readonly #answers: Answer[] = []
  readonly #clients: Promise<void>[]
  #isStopping = false

  constructor(options: ClientPoolOptions) {
    this.#options = options
    this.#clients = Array.from({ length: options.size }, () => this.#askOnAndOn(options.random.fork()))
  }

  /** Asks nothing more; resolves with all answers once the last one is whole. */
  async stop(): Promise<readonly Answer[]> {
    this.#isStopping = true
    await Promise.all(this.#clients)
    return this.#answers
  }

  async #askOnAndOn(random: Random): Promise<void> {
    while (!this.#isStopping) {
      const request = this.#options.draw(random)
      const answer = newAnswer(request)
      await ask(this.#options.setting, { request, answer, random: random.fork() })
      answer.endedAtMs = performance.now()
      this.#answers.push(answer)
    }
  }
}

async function ask(
  setting: ClientSetting,
  { request, answer, random }: { request: ChaosRequest; answer: Answer; random: Random },
): Promise<void> {
  try {
    if (request.kind === 'chat' && request.form === 'resuming') {
      await readResuming(setting, { request, answer, random })
    } else {
      await askOfficially(setting, { request, answer, random })
    }
  } catch (error) {
    answer.problems.push(`the client met ${error instanceof Error ? error.stack : String(error)}`)
  }
}

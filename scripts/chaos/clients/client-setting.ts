import type { Random } from '../random.ts'
import type { Departures } from './departures.ts'

/** What all clients have in common. */
export type ClientSetting = {
  urls: readonly string[]
  apiKey: string
  model: string
  embeddingModel: string
  /** A client that has not got its answer after this long, in milliseconds, counts it as lost. */
  patienceMs: number
  departures: Departures
}

/** The APIs as one client goes from one to the next. */
export class Route {
  readonly #urls: readonly string[]
  #index: number

  constructor(urls: readonly string[], random: Random) {
    this.#urls = urls
    this.#index = random.integer(0, urls.length - 1)
  }

  get url(): string {
    return this.#urls[this.#index % this.#urls.length] ?? ''
  }

  moveOn(): void {
    this.#index++
  }
}

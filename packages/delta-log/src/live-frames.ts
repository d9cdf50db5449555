import { Frame } from '@millrace/contracts/jobs'
import type { Redis } from 'ioredis'
import { z } from 'zod'
import { Mailbox } from './mailbox.ts'

const Delivery = z.array(Frame)

export type LiveFramesOptions = { subscriber: Redis; channel: string; silenceMs: number }

/** This replica's delivery channel: one subscription for all jobs, dealt out to a mailbox per reader. */
export class LiveFrames {
  readonly #subscriber: Redis
  readonly #channel: string
  readonly #silenceMs: number
  readonly #mailboxes = new Map<string, Set<Mailbox>>()
  #subscribed: Promise<unknown> | undefined
  #clock: NodeJS.Timeout | undefined

  constructor({ subscriber, channel, silenceMs }: LiveFramesOptions) {
    this.#subscriber = subscriber
    this.#channel = channel
    this.#silenceMs = silenceMs
  }

  /** Subscribes at the first call; resolves when the subscription is in force. */
  async start(): Promise<void> {
    this.#subscribed ??= this.#subscribe()
    await this.#subscribed
  }

  async stop(reason: unknown): Promise<void> {
    for (const jobId of [...this.#mailboxes.keys()]) this.stopJob(jobId, reason)
    if (!this.#subscribed) return
    this.#forget()
    if (this.#subscriber.status === 'ready') await this.#subscriber.unsubscribe(this.#channel)
  }

  attach(jobId: string): Mailbox {
    const mailbox = new Mailbox()
    const readers = this.#mailboxes.get(jobId) ?? new Set()
    this.#mailboxes.set(jobId, readers.add(mailbox))
    // Half the silence: a mailbox asks for the stream after two ticks.
    this.#clock ??= setInterval(() => this.#each((each) => each.tick()), this.#silenceMs / 2)
    return mailbox
  }

  detach(jobId: string, mailbox: Mailbox): void {
    const readers = this.#mailboxes.get(jobId)
    readers?.delete(mailbox)
    if (readers?.size === 0) this.#mailboxes.delete(jobId)
    if (this.#mailboxes.size > 0) return
    clearInterval(this.#clock)
    this.#clock = undefined
  }

  stopJob(jobId: string, reason: unknown): void {
    for (const mailbox of [...(this.#mailboxes.get(jobId) ?? [])]) {
      mailbox.stop(reason)
      this.detach(jobId, mailbox)
    }
  }

  async #subscribe(): Promise<void> {
    this.#subscriber.on('message', this.#onMessage)
    this.#subscriber.on('ready', this.#onReady)
    try {
      await this.#subscriber.subscribe(this.#channel)
    } catch (error) {
      this.#forget()
      throw error
    }
    this.#each((mailbox) => mailbox.fallBehind())
  }

  #forget(): void {
    this.#subscribed = undefined
    this.#subscriber.off('message', this.#onMessage)
    this.#subscriber.off('ready', this.#onReady)
  }

  #each(visit: (mailbox: Mailbox) => void): void {
    for (const readers of this.#mailboxes.values()) for (const mailbox of readers) visit(mailbox)
  }

  readonly #onMessage = (channel: string, message: string): void => {
    if (channel !== this.#channel) return
    const frames = parseDelivery(message)
    // A writer of another version, perhaps: the readers meet the frame again in the stream, and say what is wrong.
    if (!frames) this.#each((mailbox) => mailbox.fallBehind())
    for (const frame of frames ?? []) {
      for (const mailbox of this.#mailboxes.get(frame.jobId) ?? []) mailbox.push(frame)
    }
  }

  /** After a lost connection: what was published meanwhile is only in the stream. */
  readonly #onReady = (): void => {
    // Subscribing again is harmless, and its answer says that the restored subscription is in force.
    this.#subscriber.subscribe(this.#channel).then(
      () => this.#each((mailbox) => mailbox.fallBehind()),
      // The connection was lost again: the next `ready`, or a tick of the clock, makes up for it.
      () => undefined,
    )
  }
}

/** Checking every frame costs 0.5 µs beside 0.8 µs for the JSON: there is no unchecked path. */
function parseDelivery(message: string): Frame[] | undefined {
  try {
    return Delivery.safeParse(JSON.parse(message)).data
  } catch {
    return undefined
  }
}

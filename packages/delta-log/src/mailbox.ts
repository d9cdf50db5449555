import type { Frame } from '@millrace/contracts/jobs'

/** What may wait for one slow reader before it is sent to the stream instead; about 64 KiB of text. */
const limitFrames = 128
const limitChars = 32 * 1024

/** The live frames of one job for one reader: bounded, and aware of what it had to let go. */
export class Mailbox {
  readonly #frames: { frame: Frame; chars: number }[] = []
  #chars = 0
  #behind = true
  #stopped: { reason: unknown } | undefined
  #wake: (() => void) | undefined
  /** Full ticks of the owner's clock since anything arrived. */
  #silentTicks = 0

  /** Something may be in the log that did not come through here. True at first. */
  get behind(): boolean {
    return this.#behind
  }

  /** Call before reading the stream: what is missed during that read sets `behind` again. */
  catchingUp(): void {
    this.#behind = false
  }

  /** Takes a live frame in, or falls behind when there is no room. */
  push(frame: Frame): void {
    if (this.#stopped) return
    this.#silentTicks = 0
    const chars = sizeChars(frame)
    const room = this.#frames.length < limitFrames && this.#chars + chars <= limitChars
    if (!this.#behind && (room || this.#frames.length === 0)) {
      this.#frames.push({ frame, chars })
      this.#chars += chars
    } else {
      this.#behind = true
    }
    this.#wake?.()
  }

  shift(): Frame | undefined {
    const first = this.#frames.shift()
    if (first) this.#chars -= first.chars
    return first?.frame
  }

  /** Frames may have been lost on the way: have the reader look into the stream. */
  fallBehind(): void {
    this.#behind = true
    this.#silentTicks = 0
    this.#wake?.()
  }

  /** One tick of the owner's clock; after two without a frame the reader checks the stream. */
  tick(): void {
    this.#silentTicks++
    if (this.#silentTicks >= 2) this.fallBehind()
  }

  /** Resolves when there is a reason to look again. */
  async wait(): Promise<void> {
    if (this.#frames.length > 0 || this.#behind || this.#stopped) return
    await new Promise<void>((resolve) => {
      this.#wake = resolve
    })
    this.#wake = undefined
  }

  /** Ends the reading with an error and lets the buffered frames go. */
  stop(reason: unknown): void {
    this.#stopped ??= { reason }
    this.#frames.length = 0
    this.#chars = 0
    this.#wake?.()
  }

  throwIfStopped(): void {
    if (this.#stopped) throw this.#stopped.reason
  }
}

function sizeChars(frame: Frame): number {
  let chars = 0
  for (const event of frame.events) {
    if (event.type === 'text-delta') chars += event.text.length + 8 * event.tokens.length
    else if (event.type === 'embedding-computed') chars += event.vector.length
    chars += 32
  }
  return chars
}

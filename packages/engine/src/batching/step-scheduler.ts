/** A generation's place among those that share a context. */
export type Seat = {
  /**
   * Waits for the next step, and says how many of `wanted` tokens to evaluate in it. Throws the signal's reason when
   * that aborts first.
   */
  turn(wanted: number, signal: AbortSignal): Promise<number>
  /** Call when the evaluation of a turn has ended, whatever came of it. */
  done(): void
  /** Gives the place up; the others no longer wait for it. */
  leave(): void
}

type Waiting = { wanted: number; start: (amount: number) => void }
type Member = { state: 'idle' | 'late' | 'computing'; waiting?: Waiting }

/** How long one step waits for a generation whose reader has not come back for the next token. */
const graceMs = 5

/**
 * Lockstep: lets the generations of one context take each decode step together, so that a step is one batch. Without
 * it, whoever is first to come back from sampling starts a batch of its own: 1.33 batches a step were measured at four
 * sequences, and every other gap between tokens doubles. Turns of a step are given in the order of sequence ids, which
 * is the order of the batch. Long prompts are cut so that a step stays one batch: they take the room that the running
 * sequences leave, and never stop them.
 *
 * A step begins when all members have asked for their turn. One that does not ask for a while is waited for once, and
 * then not again until it has asked.
 */
export class StepScheduler {
  readonly #batchSize: number
  readonly #members = new Map<number, Member>()
  #grace: NodeJS.Timeout | undefined
  #beginning = false

  /** @param batchSize Tokens that one decode takes at most. */
  constructor(batchSize: number) {
    this.#batchSize = batchSize
  }

  join(sequenceId: number): Seat {
    const member: Member = { state: 'idle' }
    this.#members.set(sequenceId, member)
    return {
      turn: (wanted, signal) => this.#turn(member, wanted, signal),
      done: () => {
        member.state = 'idle'
        this.#consider()
      },
      leave: () => {
        if (this.#members.get(sequenceId) === member) this.#members.delete(sequenceId)
        this.#consider()
      },
    }
  }

  #turn(member: Member, wanted: number, signal: AbortSignal): Promise<number> {
    return new Promise((resolve, reject) => {
      if (signal.aborted) return reject(signal.reason)
      const abort = () => {
        delete member.waiting
        reject(signal.reason)
      }
      signal.addEventListener('abort', abort, { once: true })
      const start = (amount: number) => {
        signal.removeEventListener('abort', abort)
        member.state = 'computing'
        delete member.waiting
        resolve(amount)
      }
      member.state = 'idle'
      member.waiting = { wanted, start }
      this.#consider()
    })
  }

  /** Begins the step when nobody is missing, or begins to wait for the missing ones. */
  #consider(): void {
    const members = [...this.#members.values()]
    if (members.some(({ state }) => state === 'computing') || !members.some(({ waiting }) => waiting)) return
    if (members.every(({ waiting, state }) => waiting || state === 'late')) this.#beginSoon()
    else this.#grace ??= setTimeout(() => this.#endGrace(), graceMs)
  }

  /** Not at once: the last one to ask is not listening yet, and would come last instead of in the order of ids. */
  #beginSoon(): void {
    if (this.#beginning) return
    this.#beginning = true
    queueMicrotask(() => {
      this.#beginning = false
      this.#begin()
    })
  }

  #endGrace(): void {
    this.#grace = undefined
    for (const member of this.#members.values()) {
      if (member.state === 'idle' && !member.waiting) member.state = 'late'
    }
    this.#consider()
  }

  #begin(): void {
    clearTimeout(this.#grace)
    this.#grace = undefined
    const sequences = [...this.#members].toSorted(([one], [other]) => one - other)
    const turns = sequences.flatMap(([, { waiting }]) => waiting ?? [])
    const prompts = turns.filter(({ wanted }) => wanted > 1).length
    const room = this.#batchSize - (turns.length - prompts)
    const share = Math.max(1, Math.floor(room / Math.max(1, prompts)))
    for (const { wanted, start } of turns) start(Math.min(wanted, share))
  }
}

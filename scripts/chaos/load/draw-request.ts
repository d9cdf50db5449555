import type { ChaosRequest, ChatForm } from '../clients/request.ts'
import type { Random } from '../random.ts'

export type DrawRequestOptions = {
  random: Random
  content: string
  maxTokens: number
  /** A piece of the answer that ends it. */
  stop: (random: Random) => string
}

const forms: { form: ChatForm | 'embeddings'; weight: number }[] = [
  { form: 'resuming', weight: 50 },
  { form: 'official', weight: 14 },
  { form: 'blocking', weight: 14 },
  { form: 'unkeyed', weight: 12 },
  { form: 'embeddings', weight: 10 },
]

/** A request of some kind of client, the mix that all runs have. */
export function drawRequest({ random, content, maxTokens, stop }: DrawRequestOptions): ChaosRequest {
  const { form } = random.weighted(forms)
  const name = `chaos-${random.integer(0, 2 ** 31)}-${random.integer(0, 2 ** 31)}`
  if (form === 'embeddings') {
    const inputs = Array.from({ length: random.integer(1, 40) }, (_, index) => `${content} ${index % 5}`)
    return { kind: 'embeddings', name, inputs }
  }
  const choices = random.next() < 0.2 ? random.integer(2, 3) : 1
  const stops = random.next() < 0.25 ? ['never in there', stop(random)] : []
  return { kind: 'chat', form, name, content, choices, stop: stops, maxTokens }
}

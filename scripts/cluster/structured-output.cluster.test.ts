import { WorkerRegistry } from '@millrace/queue'
import { eventually } from '@millrace/testkit'
import { Ajv2020 } from 'ajv/dist/2020.js'
import { Redis } from 'ioredis'
import OpenAI from 'openai'
import { zodResponseFormat } from 'openai/helpers/zod'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { z } from 'zod'
import { type Cluster, startCluster } from './start-cluster.ts'

const model = 'smollm2-135m-instruct'
const messages = [{ role: 'user' as const, content: 'Describe a water mill as JSON.' }]

const Mill = z.object({
  name: z.string().min(1).max(20),
  kind: z.enum(['water', 'wind']),
  wheels: z
    .array(z.object({ diameter: z.number().min(0.5).max(9), blades: z.int().min(4).max(60) }))
    .min(1)
    .max(2),
  built: z.iso.date(),
  owner: z.string().max(12).nullable(),
})

let cluster: Cluster
let client: OpenAI

beforeAll(async () => {
  cluster = await startCluster({ devices: 'cpu,cpu', env: { SLOTS: '2', CONTEXT_SIZE: '1024' } })
  client = new OpenAI({ baseURL: `${cluster.urls[0]}/v1`, apiKey: cluster.apiKey, maxRetries: 0 })
})
afterAll(() => cluster[Symbol.asyncDispose]())

/** The process that runs something now. */
async function busyWorker(): Promise<number> {
  const redis = new Redis(cluster.redisUrl)
  try {
    return await eventually(async () => {
      const workers = await new WorkerRegistry({ redis, prefix: cluster.redisPrefix }).list()
      const busy = workers.find(({ busySlots }) => busySlots > 0)
      if (!busy) throw new Error('no worker is busy')
      return busy.pid
    })
  } finally {
    redis.disconnect()
  }
}

describe('structured output through the official client', () => {
  test('the parse helper gets what its schema says', async () => {
    const response_format = zodResponseFormat(Mill, 'mill')
    const answer = await client.chat.completions.parse({ model, messages, response_format, seed: 3 })
    expect(answer.choices[0]?.finish_reason).toBe('stop')
    expect(answer.choices[0]?.message.parsed).toEqual(Mill.parse(JSON.parse(answer.choices[0]?.message.content ?? '')))
  })

  test('a stream assembles to what its schema says', async () => {
    const response_format = zodResponseFormat(Mill, 'mill')
    const stream = client.chat.completions.stream({ model, messages, response_format, seed: 4 })
    const answer = await stream.finalChatCompletion()
    expect(Mill.safeParse(answer.choices[0]?.message.parsed).error).toBeUndefined()
  })

  test('json_object gives an object, or ends with length', async () => {
    const answer = await client.chat.completions.create({
      ...{ model, messages, max_tokens: 200, seed: 1 },
      response_format: { type: 'json_object' },
    })
    const [choice] = answer.choices
    const text = choice?.message.content ?? ''
    expect(text.startsWith('{')).toBe(true)
    if (choice?.finish_reason === 'stop') expect(JSON.parse(text)).toBeTypeOf('object')
    else expect(choice?.finish_reason).toBe('length')
  })

  test('every choice of n keeps to the schema', async () => {
    const response_format = zodResponseFormat(Mill, 'mill')
    const answer = await client.chat.completions.create({ model, messages, response_format, n: 3, seed: 5 })
    for (const { message } of answer.choices)
      expect(Mill.safeParse(JSON.parse(message.content ?? '')).success).toBe(true)
  })

  test('a grammar of the request is kept to', async () => {
    const extension = { grammar: 'root ::= ("wind" | "water") " mill"' }
    const answer = await client.chat.completions.create({ model, messages, ...extension })
    expect(['wind mill', 'water mill']).toContain(answer.choices[0]?.message.content)
  })

  test('what cannot be enforced is refused with the path of the keyword', async () => {
    const schema = { type: 'object', properties: { n: { type: 'integer', multipleOf: 3 } } }
    const response_format = { type: 'json_schema' as const, json_schema: { name: 'odd', schema } }
    await expect(client.chat.completions.create({ model, messages, response_format })).rejects.toMatchObject({
      status: 400,
      param: 'response_format.json_schema.schema.properties.n.multipleOf',
    })
    const extension = { grammar: 'root ::= root' }
    await expect(client.chat.completions.create({ model, messages, ...extension })).rejects.toMatchObject({
      status: 400,
      param: 'grammar',
    })
  })
})

test('a document whose worker is killed in its middle parses and satisfies its schema', async () => {
  const schema = {
    type: 'object',
    properties: { mills: { type: 'array', items: z.toJSONSchema(Mill), minItems: 5, maxItems: 6 } },
    required: ['mills'],
    additionalProperties: false,
  }
  const stream = await client.chat.completions.create({
    ...{ model, messages, stream: true, seed: 6 },
    response_format: { type: 'json_schema', json_schema: { name: 'mills', schema } },
  })
  let text = ''
  let reason: string | null = null
  let killed = false
  for await (const { choices } of stream) {
    text += choices[0]?.delta.content ?? ''
    reason = choices[0]?.finish_reason ?? reason
    if (killed || text.length < 60) continue
    killed = true
    process.kill(await busyWorker(), 'SIGKILL')
  }
  expect(killed).toBe(true)
  expect(reason).toBe('stop')
  const validate = new Ajv2020({ strict: false, validateFormats: false }).compile(schema)
  validate(JSON.parse(text))
  expect(validate.errors, text).toBeNull()
})

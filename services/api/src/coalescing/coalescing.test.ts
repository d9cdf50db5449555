import type { ChatCompletion, EmbeddingList } from '@millrace/contracts/openai'
import { eventually } from '@millrace/testkit'
import { expect, test } from 'vitest'
import { eachTestCluster } from '../test-support/each-test-cluster.ts'
import { chat, chatPath, post } from '../test-support/post.ts'
import { embeddingModel } from '../test-support/start-worker.ts'
import type { TestCluster } from '../test-support/test-cluster.ts'

let cluster: TestCluster
eachTestCluster((each) => {
  cluster = each
})

const greedy = { temperature: 0 }

async function start(env: Record<string, string> = { COALESCE: 'on' }) {
  const worker = await cluster.worker({ tokens: 40, tokensPerSecond: 50 })
  // Two replicas: what is shared is shared by all.
  const apps = [(await cluster.app(env)).app, (await cluster.app(env)).app] as const
  return { worker, apps }
}

async function answerOf(response: Promise<Response> | Response): Promise<ChatCompletion> {
  return (await (await response).json()) as ChatCompletion
}

test('identical greedy requests share one job over the replicas; each has its own id, text and usage', async () => {
  const { worker, apps } = await start()
  const answers = await Promise.all(
    [0, 1, 0, 1].map((app) => answerOf(post(apps[app as 0 | 1], chatPath, chat('same', greedy)))),
  )
  expect(worker.jobs).toHaveLength(1)
  expect(new Set(answers.map(({ id }) => id)).size).toBe(4)
  expect(new Set(answers.map(({ choices }) => choices[0]?.message.content)).size).toBe(1)
  for (const { usage } of answers) expect(usage.completion_tokens).toBe(40)
})

test('so do those with one seed, and embeddings', async () => {
  const { worker, apps } = await start()
  const embed = () => post(apps[0], '/v1/embeddings', { model: embeddingModel, input: 'same' })
  const [first, second] = await Promise.all([embed(), embed()])
  expect(((await first.json()) as EmbeddingList).data).toEqual(((await second.json()) as EmbeddingList).data)
  const seeded = () => answerOf(post(apps[1], chatPath, chat('same', { seed: 7 })))
  await Promise.all([seeded(), seeded()])
  expect(worker.jobs.filter(({ kind }) => kind === 'generation')).toHaveLength(1)
})

test('what may differ does not: sampled answers, other parameters, other tenants, keys of idempotency', async () => {
  const { worker, apps } = await start()
  const ask = (extra: object, headers = {}) => answerOf(post(apps[0], chatPath, chat('same', extra), { headers }))
  await Promise.all([
    ...[ask({}), ask({})],
    ...[ask(greedy), ask({ ...greedy, max_tokens: 5 }), ask({ ...greedy, stop: 'x' })],
    ask(greedy, { authorization: 'Bearer test-key-of-globex' }),
    ask(greedy, { 'idempotency-key': 'k' }),
  ])
  expect(worker.jobs).toHaveLength(7)
})

test('one that leaves does not take the job from the others; when the last leaves it is cancelled', async () => {
  const { worker, apps } = await start()
  const controllers = [new AbortController(), new AbortController()]
  const body = chat('same', { ...greedy, stream: true })
  const responses = await Promise.all(
    controllers.map(({ signal }, app) => post(apps[app as 0 | 1], chatPath, body, { signal })),
  )
  expect(worker.jobs).toHaveLength(1)
  controllers[0]?.abort()
  await responses[0]?.body?.cancel().catch(() => undefined)
  const third = answerOf(post(apps[0], chatPath, chat('same', greedy)))
  // The job, the second and the third member.
  await eventually(async () => (await cluster.redis().hlen(await sharedKey())) === 3)
  controllers[1]?.abort()
  await responses[1]?.body?.cancel().catch(() => undefined)
  expect((await third).usage.completion_tokens).toBe(40)
  expect(worker.jobs).toHaveLength(1)

  const lonely = new AbortController()
  const last = await post(apps[0], chatPath, body, { signal: lonely.signal })
  await eventually(() => worker.engine.busySlots() === 1)
  lonely.abort()
  await last.body?.cancel().catch(() => undefined)
  await eventually(() => worker.engine.busySlots() === 0)
})

async function sharedKey(): Promise<string> {
  const [key] = await cluster.redis().keys(`${cluster.prefix}:shared-job:*`)
  return key ?? ''
}

test('a later request starts anew, and nothing stays behind', async () => {
  const { worker, apps } = await start()
  for (let time = 0; time < 2; time++) await answerOf(post(apps[0], chatPath, chat('same', greedy)))
  expect(worker.jobs).toHaveLength(2)
  expect(await cluster.redis().keys(`${cluster.prefix}:shared-job:*`)).toEqual([])
})

test('greedy choices of one request are one job', async () => {
  const { worker, apps } = await start()
  const { choices, usage } = await answerOf(post(apps[0], chatPath, chat('same', { ...greedy, n: 3 })))
  expect(new Set(choices.map(({ message }) => message.content)).size).toBe(1)
  expect(choices).toHaveLength(3)
  expect(usage.completion_tokens).toBe(120)
  expect(worker.jobs).toHaveLength(1)
})

test('unless it is switched on, nothing is shared', async () => {
  const { worker, apps } = await start({})
  await Promise.all([0, 1].map((app) => answerOf(post(apps[app as 0 | 1], chatPath, chat('same', greedy)))))
  expect(worker.jobs).toHaveLength(2)
})

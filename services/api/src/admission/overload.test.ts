import type { ErrorBody } from '@millrace/contracts/openai'
import { collect, eventually, readSse } from '@millrace/testkit'
import { describe, expect, test } from 'vitest'
import { eachTestCluster } from '../test-support/each-test-cluster.ts'
import { chat, chatPath, post } from '../test-support/post.ts'
import type { TestCluster } from '../test-support/test-cluster.ts'

let cluster: TestCluster
eachTestCluster((each) => {
  cluster = each
})

type App = Awaited<ReturnType<TestCluster['app']>>['app']

/** A worker with one slot, and an application with so much room to wait. */
async function start(env: Record<string, string> = {}, { tokens = 60, tokensPerSecond = 20 } = {}) {
  const worker = await cluster.worker({ slots: 1, tokens, tokensPerSecond, announcedTokensPerSecond: 100 })
  const { app } = await cluster.app(env)
  return { worker, app }
}

/** A request that runs or waits until it is let go. */
function hold(app: App, text: string, extra: object = {}, headers: Record<string, string> = {}) {
  const controller = new AbortController()
  const answer = post(app, chatPath, chat(text, { stream: true, ...extra }), { headers, signal: controller.signal })
  return { answer, release: () => controller.abort() }
}

const globex = { authorization: 'Bearer test-key-of-globex' }

describe('when too much waits', () => {
  test('the next request is refused with 503 and the time until there is room, and takes no room itself', async () => {
    const { app, worker } = await start({ MAX_QUEUED_JOBS: '2', MAX_QUEUED_SHARE: '100%' })
    const held = [hold(app, 'runs')]
    await eventually(() => worker.jobs.length === 1)
    held.push(hold(app, 'waits', { max_tokens: 1000 }), hold(app, 'waits too', { max_tokens: 1000 }))
    await Promise.all(held.map(({ answer }) => answer))
    for (let time = 0; time < 2; time++) {
      const refused = await post(app, chatPath, chat('one too many', { max_tokens: 1000 }))
      expect(refused.status).toBe(503)
      const { error } = (await refused.json()) as ErrorBody
      expect(error).toMatchObject({ code: 'overloaded', type: 'server_error' })
      // Half of what waits has to go: 1000 tokens and a few at 100 tokens a second.
      expect(Number(refused.headers.get('retry-after'))).toBe(11)
      expect(error.message).toContain('11 s')
    }
    for (const { release } of held) release()
    await eventually(async () => (await post(app, chatPath, chat('now', { max_tokens: 1 }))).status === 200)
  })

  test('a tenant with its share of the queue is refused with 429, another one is not', async () => {
    const { app, worker } = await start({ MAX_QUEUED_JOBS: '4', MAX_QUEUED_SHARE: '50%' })
    const held = [hold(app, 'runs')]
    await eventually(() => worker.jobs.length === 1)
    held.push(hold(app, 'waits'), hold(app, 'waits too'))
    await Promise.all(held.map(({ answer }) => answer))
    const refused = await post(app, chatPath, chat('one too many'))
    expect(refused.status).toBe(429)
    expect(((await refused.json()) as ErrorBody).error.code).toBe('rate_limit_exceeded')
    expect(Number(refused.headers.get('retry-after'))).toBeGreaterThan(0)
    const other = hold(app, 'another tenant', {}, globex)
    expect((await other.answer).status).toBe(200)
    for (const { release } of [...held, other]) release()
  })

  test('all choices of a request are let in, or none', async () => {
    const { app, worker } = await start({ MAX_QUEUED_JOBS: '3', MAX_QUEUED_SHARE: '100%' })
    const held = [hold(app, 'runs')]
    await eventually(() => worker.jobs.length === 1)
    held.push(hold(app, 'waits'))
    await Promise.all(held.map(({ answer }) => answer))
    expect((await post(app, chatPath, chat('three', { n: 3 }))).status).toBe(503)
    const two = hold(app, 'two', { n: 2 })
    expect((await two.answer).status).toBe(200)
    for (const { release } of [...held, two]) release()
  })
})

describe('a request that waits', () => {
  test('has its position and its start in comments of the stream, which end when it starts', async () => {
    const { app, worker } = await start({}, { tokens: 90 })
    const first = hold(app, 'runs')
    await eventually(() => worker.jobs.length === 1)
    const second = hold(app, 'waits', { max_tokens: 500 })
    const response = await hold(app, 'waits longer').answer
    const events = readSse(response.body as ReadableStream)[Symbol.asyncIterator]()
    const notice = await events.next()
    expect(notice.value?.comment).toMatch(/^waiting: queue position 2, estimated start in [5-8] s$/)
    first.release()
    second.release()
    const rest = await collect({ [Symbol.asyncIterator]: () => events })
    expect(rest.at(-1)?.data).toBe('[DONE]')
    const begun = rest.findIndex(({ data }) => data !== undefined && data !== '')
    expect(rest.slice(begun).some(({ comment }) => comment?.startsWith('waiting'))).toBe(false)
  })

  test('says the same in headers of an answer without a stream', async () => {
    const { app, worker } = await start({}, { tokens: 45 })
    const first = hold(app, 'runs')
    await eventually(() => worker.jobs.length === 1)
    const second = hold(app, 'waits', { max_tokens: 500 })
    await second.answer
    const third = post(app, chatPath, chat('waits longer', { max_tokens: 1 }))
    const { headers } = await third
    expect(headers.get('x-queue-position')).toBe('2')
    expect(headers.get('x-queue-eta-seconds')).toMatch(/^[5-8]$/)
    for (const { release } of [first, second]) release()
  })

  test('goes before a less urgent one, and says of which tier it was', async () => {
    const { app, worker } = await start({}, { tokens: 20 })
    const first = hold(app, 'runs')
    await eventually(() => worker.jobs.length === 1)
    const tiers = ['flex', 'default', 'priority']
    const answers = []
    for (const tier of tiers) {
      const answer = post(app, chatPath, chat(tier, { max_tokens: 1, service_tier: tier }))
      answers.push(answer.then((response) => response.json()))
      await eventually(async () => (await waitingJobs(app)) === answers.length)
    }
    first.release()
    expect(await Promise.all(answers)).toMatchObject(tiers.map((service_tier) => ({ service_tier })))
    const texts = worker.jobs.map((job) => (job.kind === 'generation' ? job.messages[0]?.text : ''))
    expect(texts).toEqual(['runs', 'priority', 'default', 'flex'])
  })

  test('is not started when its own deadline passes before its turn comes', async () => {
    const { app, worker } = await start({}, { tokens: 60 })
    const first = hold(app, 'runs')
    await eventually(() => worker.jobs.length === 1)
    const late = await post(app, chatPath, chat('late'), { headers: { 'x-request-timeout': '200ms' } })
    expect(late.status).toBe(504)
    expect(((await late.json()) as ErrorBody).error.code).toBe('deadline_exceeded')
    first.release()
    expect((await post(app, chatPath, chat('next', { max_tokens: 1 }))).status).toBe(200)
    const texts = worker.jobs.map((job) => (job.kind === 'generation' ? job.messages[0]?.text : ''))
    expect(texts).toEqual(['runs', 'next'])
  })
})

test.each(['soon', '-1', '0', '1 week', ''])('a deadline of %j is refused', async (timeout) => {
  const { app } = await start()
  const refused = await post(app, chatPath, chat('hello'), { headers: { 'x-request-timeout': timeout } })
  expect(refused.status).toBe(400)
  expect(((await refused.json()) as ErrorBody).error.param).toBe('x-request-timeout')
})

async function waitingJobs(app: App): Promise<number> {
  const metrics = await (await app.request('/metrics')).text()
  return Number(/millrace_queue_depth\{[^}]*kind="generation"[^}]*state="waiting"[^}]*\} (\d+)/.exec(metrics)?.[1])
}

import { Failure } from '@millrace/contracts/failures'
import { expect, test } from 'vitest'
import { InFlight } from './in-flight.ts'

const failure = new Failure('overloaded', 'shutting down')
const clientSignal = () => new AbortController().signal

test('with nothing in flight there is nothing to wait for', async () => {
  const inFlight = new InFlight()
  await inFlight.drain({ timeoutMs: 60_000, failure })
  expect(inFlight.isClosing).toBe(true)
})

test('what ends in time is not disturbed', async () => {
  const inFlight = new InFlight()
  const request = inFlight.begin(clientSignal())
  const drained = inFlight.drain({ timeoutMs: 60_000, failure })
  request.end()
  await drained
  expect(request.signal.aborted).toBe(false)
})

test('what does not end in time is ended with the failure', async () => {
  const inFlight = new InFlight()
  const { signal, end } = inFlight.begin(clientSignal())
  signal.addEventListener('abort', end)
  await inFlight.drain({ timeoutMs: 1, failure })
  expect(signal.reason).toBe(failure)
})

test('a request ends with its client, also when that has gone before', () => {
  const client = new AbortController()
  const before = new InFlight().begin(client.signal)
  expect(before.signal.aborted).toBe(false)
  client.abort()
  expect(before.signal.aborted).toBe(true)
  expect(new InFlight().begin(client.signal).signal.aborted).toBe(true)
})

test('after the end of a request its client no longer matters', () => {
  const client = new AbortController()
  const { signal, end } = new InFlight().begin(client.signal)
  end()
  client.abort()
  expect(signal.aborted).toBe(false)
})

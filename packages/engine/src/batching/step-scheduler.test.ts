import { setTimeout as delay } from 'node:timers/promises'
import { describe, expect, test } from 'vitest'
import { StepScheduler } from './step-scheduler.ts'

const never = new AbortController().signal

describe('StepScheduler', () => {
  test('a step begins only when every member has asked, in the order of ids', async () => {
    const steps = new StepScheduler(512)
    const [third, first] = [steps.join(3), steps.join(1)]
    const order: number[] = []
    const asked = third.turn(1, never).then(() => order.push(3))
    await Promise.resolve()
    expect(order).toEqual([])
    await Promise.all([asked, first.turn(1, never).then(() => order.push(1))])
    expect(order).toEqual([1, 3])
  })

  test('no step begins while one is being computed', async () => {
    const steps = new StepScheduler(512)
    const [one, other] = [steps.join(0), steps.join(1)]
    await Promise.all([one.turn(1, never), other.turn(1, never)])
    one.done()
    let begun = false
    const next = one.turn(1, never).then(() => {
      begun = true
    })
    await delay(20)
    expect(begun).toBe(false)
    other.done()
    await next
  })

  test('a member that does not come back is not waited for, until it has asked again', async () => {
    const steps = new StepScheduler(512)
    const [quick, slow] = [steps.join(0), steps.join(1)]
    for (let step = 0; step < 3; step++) {
      await quick.turn(1, never)
      quick.done()
    }
    const together = Promise.all([slow.turn(1, never), quick.turn(1, never)])
    await expect(together).resolves.toEqual([1, 1])
  })

  test('prompts share what the running members leave of the batch', async () => {
    const steps = new StepScheduler(100)
    const seats = [0, 1, 2, 3].map((id) => steps.join(id))
    const wanted = [1, 500, 1, 30]
    const turns = await Promise.all(seats.map((seat, index) => seat.turn(wanted[index] ?? 0, never)))
    expect(turns).toEqual([1, 49, 1, 30])
  })

  test('a member that leaves, or aborts while it waits, holds nobody up', async () => {
    const steps = new StepScheduler(512)
    const [staying, leaving, aborting] = [steps.join(0), steps.join(1), steps.join(2)]
    const controller = new AbortController()
    const aborted = aborting.turn(1, controller.signal)
    const turn = staying.turn(1, never)
    controller.abort(new Error('gone'))
    await expect(aborted).rejects.toThrow('gone')
    aborting.leave()
    leaving.leave()
    await expect(turn).resolves.toBe(1)
  })
})

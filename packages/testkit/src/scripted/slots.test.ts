import { expect, test } from 'vitest'
import { Slots } from './slots.ts'

const never = new AbortController().signal

test('no more than the total are taken; who waits gets a place in the order of arrival', async () => {
  const slots = new Slots(1)
  const free = await slots.take(never)
  const order: string[] = []
  const second = slots.take(never).then((freeSecond) => {
    order.push('second')
    return freeSecond
  })
  const third = slots.take(never).then((freeThird) => {
    order.push('third')
    return freeThird
  })
  expect(slots.busy).toBe(1)
  free()
  const freeSecond = await second
  expect(order).toEqual(['second'])
  freeSecond()
  const freeThird = await third
  freeThird()
  expect(slots.busy).toBe(0)
})

test('who gives up in line gets the reason, and is passed over', async () => {
  const slots = new Slots(1)
  const free = await slots.take(never)
  const impatient = new AbortController()
  const given = slots.take(impatient.signal)
  const patient = slots.take(never)
  const reason = new Error('cancelled')
  impatient.abort(reason)
  await expect(given).rejects.toBe(reason)
  free()
  const freePatient = await patient
  freePatient()
  expect(slots.busy).toBe(0)
  await expect(slots.take(AbortSignal.abort(reason))).rejects.toBe(reason)
})

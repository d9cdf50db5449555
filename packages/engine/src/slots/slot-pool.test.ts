import type { Token } from 'node-llama-cpp'
import { describe, expect, test } from 'vitest'
import type { Slot } from './slot.ts'
import { SlotPool } from './slot-pool.ts'

const never = new AbortController().signal
const tokens = (text: string) => [...text].map((letter) => letter.charCodeAt(0) as Token)

/** A slot that holds the state of `text`; what the pool needs of one. */
function slot(id: number, text: string, lastUse = 0): Slot {
  const held = tokens(text)
  const sharedPrefix = (wanted: readonly Token[]) => {
    const different = held.findIndex((token, index) => token !== wanted[index])
    return different === -1 ? held.length : different
  }
  return { id, lastUse, size: held.length, sharedPrefix } as unknown as Slot
}

describe('SlotPool', () => {
  test('hands out the free slot that shares the longest prefix', async () => {
    const pool = new SlotPool([slot(0, ''), slot(1, 'abc'), slot(2, 'abcdef')])
    expect((await pool.acquire(tokens('abcdefgh'), never)).id).toBe(2)
    expect((await pool.acquire(tokens('abcdefgh'), never)).id).toBe(1)
  })

  test('a new chat takes an empty slot rather than another chat that begins alike', async () => {
    const pool = new SlotPool([slot(0, 'system, and a long chat that goes on and on', 5), slot(1, '')])
    expect((await pool.acquire(tokens('system, and something new'), never)).id).toBe(1)
  })

  test('without an empty slot the one unused for the longest time is given up', async () => {
    const pool = new SlotPool([slot(0, 'recently used', 9), slot(1, 'used long ago', 3)])
    expect((await pool.acquire(tokens('zzz'), never)).id).toBe(1)
  })

  test('equal slots are filled from the lowest id', async () => {
    const pool = new SlotPool([slot(0, ''), slot(1, ''), slot(2, '')])
    const taken = [await pool.acquire(tokens('x'), never), await pool.acquire(tokens('x'), never)]
    expect(taken.map(({ id }) => id)).toEqual([0, 1])
    expect(pool.busy).toBe(2)
  })

  test('who finds no slot waits, in order', async () => {
    const only = slot(0, '')
    const pool = new SlotPool([only])
    await pool.acquire(tokens('x'), never)
    const order: string[] = []
    const waiting = ['first', 'second'].map(async (name) => {
      await pool.acquire(tokens('y'), never)
      order.push(name)
      pool.release(only)
    })
    expect(order).toEqual([])
    pool.release(only)
    await Promise.all(waiting)
    expect(order).toEqual(['first', 'second'])
    expect(pool.busy).toBe(0)
  })

  test('who stops waiting gets nothing, and the next one does', async () => {
    const only = slot(0, '')
    const pool = new SlotPool([only])
    await pool.acquire(tokens('x'), never)
    const controller = new AbortController()
    const leaving = pool.acquire(tokens('y'), controller.signal)
    const staying = pool.acquire(tokens('z'), never)
    controller.abort(new Error('gone'))
    await expect(leaving).rejects.toThrow('gone')
    pool.release(only)
    await expect(staying).resolves.toBe(only)
  })
})

import { expect, test } from 'vitest'
import { quietTerminal } from './quiet-terminal.fixture.ts'
import { createTerminal } from './terminal.mjs'

function onTty(env: Record<string, string>) {
  let text = ''
  const stream = { isTTY: true, columns: 40, write: (chunk: string) => void (text += chunk) }
  return { terminal: createTerminal({ stream, env }), text: () => text }
}

test('what is no terminal gets plain lines: no colours, no redrawing', () => {
  const { terminal, text } = quietTerminal()
  terminal.step('first').done()
  terminal.step('second').fail()
  terminal.warn('careful')
  expect(text()).toBe('  ✓ first\n  ✗ second\n  ! careful\n')
})

test('NO_COLOR keeps a terminal free of colours, though not of progress', () => {
  const { terminal, text } = onTty({ NO_COLOR: '1' })
  terminal.step('first').done()
  expect(text()).toContain('✓ first')
  expect(text()).not.toMatch(new RegExp(String.raw`\u001b\[\d+m`))
  expect(terminal.style.red('x')).toBe('x')
})

test('a line that is said during a step does not mix with it, and the step goes on', () => {
  const { terminal, text } = onTty({ NO_COLOR: '1' })
  const step = terminal.step('loading')
  terminal.line('a word')
  step.done()
  expect(text()).toContain('\r\u001b[Ka word\n')
  expect(text().endsWith('  ✓ loading\n')).toBe(true)
})

test('a moving line is never wider than the terminal', () => {
  const { terminal, text } = onTty({ NO_COLOR: '1' })
  const step = terminal.step('x'.repeat(200))
  const drawn = text().split('\r\u001b[K').at(-1) ?? ''
  step.done('done')
  expect(drawn.length).toBeLessThanOrEqual(40)
})

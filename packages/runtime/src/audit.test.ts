import { pino } from 'pino'
import { expect, test } from 'vitest'
import { type AuditEntry, createAudit } from './audit.ts'

const entry: AuditEntry = {
  requestId: 'req-1',
  tenant: 'acme',
  model: 'smollm2-135m-instruct',
  kind: 'generation',
  promptTokens: 12,
  completionTokens: 40,
  queuedMs: 3,
  firstTokenMs: 80,
  durationMs: 900,
  outcome: 'completed',
}

function auditLinesAt(level: string, audited: AuditEntry): unknown[] {
  const lines: string[] = []
  const logger = pino({ level, base: null, timestamp: false }, { write: (line) => void lines.push(line) })
  createAudit(logger)(audited)
  return lines.map((line) => JSON.parse(line))
}

test('a line says who asked which model for how many tokens, how long it took and how it ended', () => {
  expect(auditLinesAt('info', entry)).toEqual([{ level: 30, log: 'audit', ...entry, msg: 'request' }])
})

test('a higher log level does not hide audit lines, silence does', () => {
  expect(auditLinesAt('fatal', entry)).toHaveLength(1)
  expect(auditLinesAt('silent', entry)).toHaveLength(0)
})

test('what is not a field of the audit log cannot get into it', () => {
  const careless = { ...entry, prompt: 'my secret', apiKey: 'sk-1', messages: [{ text: 'my secret' }] }
  expect(JSON.stringify(auditLinesAt('info', careless))).not.toMatch(/secret|sk-1/)
})

test('numbers that are not known are left out', () => {
  const refused = { ...entry, promptTokens: undefined, queuedMs: undefined, firstTokenMs: undefined }
  const [line] = auditLinesAt('info', refused)
  expect(line).not.toHaveProperty('promptTokens')
  expect(line).not.toHaveProperty('firstTokenMs')
})

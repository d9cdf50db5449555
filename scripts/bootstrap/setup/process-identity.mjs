import { execFileSync } from 'node:child_process'
import { readFileSync } from 'node:fs'

/**
 * A text that no other process has, even when it gets the same pid later: the time at which it started.
 * Undefined when no such process lives.
 */
export function processIdentity(pid) {
  return process.platform === 'linux' ? identityFromProc(pid) : psField(pid, 'lstart')
}

/** The command line, or the title that the process gave itself; undefined when no such process lives. */
export function commandLineOf(pid) {
  if (process.platform !== 'linux') return psField(pid, 'command')
  const text = readProc(pid, 'cmdline')
  return text?.replaceAll('\0', ' ').trim() || undefined
}

/** The parent's pid; undefined when no such process lives. */
export function parentOf(pid) {
  const parent = process.platform === 'linux' ? statFields(pid)?.[1] : psField(pid, 'ppid')
  return parent === undefined ? undefined : Number(parent)
}

function identityFromProc(pid) {
  const fields = statFields(pid)
  if (!fields || fields[0] === 'Z') return undefined
  const boot = readFileSync('/proc/sys/kernel/random/boot_id', 'utf8').trim()
  return `${boot}:${fields[19]}`
}

/** From the third on: the second is the name in parentheses, which may hold spaces and parentheses itself. */
function statFields(pid) {
  const stat = readProc(pid, 'stat')
  return stat?.slice(stat.lastIndexOf(')') + 2).split(' ')
}

function readProc(pid, file) {
  try {
    return readFileSync(`/proc/${pid}/${file}`, 'utf8')
  } catch {
    return undefined
  }
}

function psField(pid, field) {
  try {
    return execFileSync('ps', ['-o', `${field}=`, '-p', String(pid)], { encoding: 'utf8' }).trim() || undefined
  } catch {
    return undefined
  }
}

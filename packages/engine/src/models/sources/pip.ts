import { mkdir, readdir, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import type { WheelSource } from '../model-card.ts'
import { runPython } from './run-python.ts'
import { watchFolderSize } from './watch-folder-size.ts'

const quietly = ['--no-input', '--disable-pip-version-check', '--progress-bar', 'off', '--only-binary=:all:']

// Settings under which `download` and `install --target` would refuse to work, or complain about nothing.
const unhindered = { PIP_REQUIRE_VIRTUALENV: '0', PIP_USER: '0', PIP_ROOT_USER_ACTION: 'ignore' }

/** The path of a wheel that pip has downloaded into `folder` and found to be the expected one. */
export async function pipDownload(
  source: WheelSource,
  options: { folder: string; onFraction: (fraction: number) => void; signal: AbortSignal },
): Promise<string> {
  const { folder, signal } = options
  const wheelDir = join(folder, 'wheel')
  const pins = join(folder, 'requirement.txt')
  await writeFile(pins, `${source.requirement} --hash=sha256:${source.sha256}\n`)
  const args = ['download', ...quietly, '--no-deps', '--require-hashes', '--dest', wheelDir, '--requirement', pins]
  // Most versions of pip show progress to terminals only, but all of them download into TMPDIR.
  const temporaryDir = join(folder, 'tmp')
  await mkdir(temporaryDir)
  using _watch = watchFolderSize(temporaryDir, (bytes) => options.onFraction(bytes / source.sizeBytes))
  await runPython(['-m', 'pip', ...args], { signal, env: { ...unhindered, TMPDIR: temporaryDir } })
  const wheel = (await readdir(wheelDir)).find((name) => name.endsWith('.whl'))
  if (!wheel) throw new Error(`pip brought no wheel for ${source.requirement}`)
  return join(wheelDir, wheel)
}

/** Installs pinned packages into a folder that `PYTHONPATH` can name; Python's own folders stay as they are. */
export async function pipInstall(options: {
  requirements: string
  target: string
  signal: AbortSignal
}): Promise<void> {
  const args = ['install', ...quietly, '--target', options.target, '--requirement', options.requirements]
  await runPython(['-m', 'pip', ...args], { signal: options.signal, env: unhindered })
}

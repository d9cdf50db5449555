import { join } from 'node:path'
import type { FetchContext } from './fetched-file.ts'
import { pipInstall } from './pip.ts'
import { runPython } from './run-python.ts'

const pythonDir = join(import.meta.dirname, '../../../python')

/** Makes a GGUF of all-MiniLM-L6-v2's safetensors. The Python packages that it takes stay in `folder`. */
export async function convertMinilm(options: {
  modelDir: string
  output: string
  folder: string
  context: FetchContext
}): Promise<void> {
  const { signal, label, onProgress } = options.context
  onProgress(`Getting the converter of ${label}`, 0)
  const packages = join(options.folder, 'python')
  await pipInstall({ requirements: join(pythonDir, 'requirements.txt'), target: packages, signal })
  onProgress(`Converting ${label}`, 0)
  const script = join(pythonDir, 'minilm_to_gguf.py')
  await runPython([script, options.modelDir, options.output], { signal, env: { PYTHONPATH: packages } })
}

import { getLlama, type Llama, LlamaLogLevel } from 'node-llama-cpp'

export type LoadLlamaOptions = {
  device: 'cpu' | 'cuda'
  onWarning: (message: string) => void
}

/**
 * The native library on the device that this process was pinned to (`CUDA_VISIBLE_DEVICES`), from its prebuilt
 * binaries only.
 *
 * @throws When CUDA is asked for and the library would run on anything else: it falls back to the CPU silently, and a
 *   worker that is fifty times slower than expected is worse than one that does not start.
 */
export async function loadLlama({ device, onWarning }: LoadLlamaOptions): Promise<Llama> {
  const llama = await getLlama({
    gpu: device === 'cuda' ? 'cuda' : false,
    build: 'never',
    progressLogs: false,
    logLevel: LlamaLogLevel.warn,
    logger: (_level, message) => onWarning(message.trim()),
    // Threads are shared out by the supervisor; the library's own cap would cut what it was given.
    maxThreads: 0,
  })
  if (device === 'cuda' && llama.gpu !== 'cuda') {
    await llama.dispose()
    throw new Error(
      `CUDA was asked for, but the native library runs on ${llama.gpu || 'the CPU'}; is the driver there?`,
    )
  }
  return llama
}

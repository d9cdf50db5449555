import { parsed } from './setting-kind.ts'

const mostDevices = 64

/** One worker process per entry. A GPU is named by its ordinal or, which survives a reordering, by its UUID. */
export const devices = parsed(
  '"auto", or a comma list of "cpu" and "cuda:<ordinal or UUID>" ("cpu,cpu", "cuda:0,cuda:1")',
  (text): string[] | undefined => {
    const entries = text.split(',').map((entry) => entry.trim())
    if (entries.length === 1 && entries[0] === 'auto') return entries
    return entries.length <= mostDevices && entries.every(isDevice) ? entries : undefined
  },
)

function isDevice(entry: string): boolean {
  return entry === 'cpu' || /^cuda:(\d{1,3}|(GPU|MIG)-[\w-]+)$/.test(entry)
}

export type Lock = { release: () => void; holder?: undefined } | { holder: number; release?: undefined }
export function takeLock(file: string): Lock
export function lockHolder(file: string): number | undefined

export function dataFolder(env: Record<string, string | undefined>): string
export function clusterLockFile(dataDir: string): string
export function runsAlready(dataDir: string, pid: number): string

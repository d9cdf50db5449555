export function processIdentity(pid: number): string | undefined
export function commandLineOf(pid: number): string | undefined
export function parentOf(pid: number): number | undefined

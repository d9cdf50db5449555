export function installStamp(options: { root: string; nodeVersion: string }): string
export function workspaceFolders(root: string): string[]

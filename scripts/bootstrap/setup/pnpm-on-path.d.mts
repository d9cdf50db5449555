export function pnpmOnPath(version: string, env: Record<string, string | undefined>): string | undefined

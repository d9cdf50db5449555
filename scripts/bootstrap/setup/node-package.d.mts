export type NodePackage = { name: string; version: string }
export function nodePackage(platform?: string, arch?: string): NodePackage

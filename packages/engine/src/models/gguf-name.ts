const splitPart = /-(\d{5})-of-(\d{5})$/

/**
 * What clients write in `model` for a file: its name without folders, `.gguf` and the part number of a split model.
 * @throws {Error} When the file is a later part of a split model: llama.cpp opens the first and finds the others.
 */
export function publicName(path: string): string {
  const name = (path.split(/[\\/]/).at(-1) ?? '').replace(/\.gguf$/i, '')
  const part = splitPart.exec(name)?.[1]
  if (part !== undefined && Number(part) !== 1)
    throw new Error(`"${path}" is part ${Number(part)} of a split model. Name its first part, …-00001-of-….gguf.`)
  const publicName = name.replace(splitPart, '')
  if (publicName === '') throw new Error(`"${path}" has no file name before .gguf.`)
  return publicName
}

/** All parts of a split model, in order, from its first; any other path stands alone. */
export function splitParts(firstPath: string): string[] {
  const stem = firstPath.replace(/\.gguf$/i, '')
  const count = Number(splitPart.exec(stem)?.[2] ?? 1)
  if (count <= 1) return [firstPath]
  const ending = firstPath.slice(stem.length)
  return Array.from({ length: count }, (_, index) =>
    stem.replace(splitPart, `-${String(index + 1).padStart(5, '0')}-of-$2`).concat(ending),
  )
}

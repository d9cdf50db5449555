/** A file that a source has put into the incoming folder, not yet verified. */
export type FetchedFile = {
  path: string
  /** What it is to be called beside its record. */
  name: string
  /** What the source says its content is; undefined when the source does not know. */
  sha256: string | undefined
}

/** What a source works with. */
export type FetchContext = {
  /** The name of the model for progress lines. */
  label: string
  /** A folder of this fetch alone, on the file system of the models folder. `.part` files in it outlive a failure. */
  incomingDir: string
  hfToken: string | undefined
  onProgress: (step: string, fraction: number) => void
  signal: AbortSignal
}

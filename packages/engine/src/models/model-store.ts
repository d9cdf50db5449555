import type { Stats } from 'node:fs'
import { mkdir, rename, rm, stat } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import { syncFile, syncFolder } from './durable-file.ts'
import type { ModelCard } from './model-card.ts'
import { readRecord, type VerifiedFile, writeRecord } from './model-record.ts'
import type { FetchedFile } from './sources/fetched-file.ts'
import { assertGguf, sha256OfFile, type VerifyOptions, WrongContentError } from './verify-file.ts'

/** The files of one model in the models folder. What has its final name is whole; what has not is in `incomingDir`. */
export class ModelStore {
  readonly lockPath: string
  readonly incomingDir: string
  readonly #card: ModelCard
  readonly #dir: string
  readonly #recordPath: string

  constructor({ modelsDir, card }: { modelsDir: string; card: ModelCard }) {
    const base = join(modelsDir, card.storedAs)
    this.lockPath = `${base}.lock`
    this.incomingDir = `${base}.incoming`
    this.#card = card
    this.#dir = dirname(base)
    this.#recordPath = `${base}.json`
  }

  /** Makes the folder of the model, and with it that of the lock. */
  async prepare(): Promise<void> {
    await mkdir(this.#dir, { recursive: true })
  }

  /** The file to load, when all files are as they were when they were verified. Reads none of them. */
  async find(): Promise<string | undefined> {
    const recorded = await readRecord(this.#recordPath)
    const [entry] = recorded
    if (!entry) return undefined
    const found = await Promise.all(recorded.map(({ name }) => this.#stat(name)))
    const isSame = (file: VerifiedFile, index: number) =>
      found[index]?.size === file.sizeBytes && found[index].mtimeMs === file.mtimeMs
    return recorded.every(isSame) ? join(this.#dir, entry.name) : undefined
  }

  /**
   * Takes files that are here without a valid record, when their content is the known one: someone has copied the
   * file, or the whole folder, which changes the times. Needs the lock, as `install` does.
   */
  async adopt(options: VerifyOptions): Promise<string | undefined> {
    const recorded = await readRecord(this.#recordPath)
    const known = recorded.length === 0 && this.#card.file ? [this.#card.file] : recorded
    const files: VerifiedFile[] = []
    for (const { name, sha256 } of known) {
      const found = await this.#stat(name)
      if (!found || (await sha256OfFile(join(this.#dir, name), options)) !== sha256) return undefined
      files.push({ name, sha256, sizeBytes: found.size, mtimeMs: found.mtimeMs })
    }
    const [entry] = files
    if (!entry) return undefined
    await writeRecord(this.#recordPath, files)
    return join(this.#dir, entry.name)
  }

  /**
   * Verifies what a source has brought and puts it in place: record first, then each file by a rename, so that a
   * kill at any moment leaves no file or a whole one under the final name. Files that are refused are removed.
   * @throws {WrongContentError} When a checksum differs, or a file is not GGUF.
   */
  async install(fetched: readonly FetchedFile[], options: VerifyOptions): Promise<string> {
    const files: VerifiedFile[] = []
    for (const file of fetched) files.push(await this.#verify(file, options))
    const [entry] = files
    if (!entry) throw new Error(`No file came for ${this.#card.label}`)
    options.signal.throwIfAborted()
    await writeRecord(this.#recordPath, files)
    for (const file of fetched) await rename(file.path, join(this.#dir, file.name))
    await syncFolder(this.#dir)
    return join(this.#dir, entry.name)
  }

  async #verify(file: FetchedFile, options: VerifyOptions): Promise<VerifiedFile> {
    try {
      await assertGguf(file.path)
      await syncFile(file.path)
      const sha256 = await sha256OfFile(file.path, options)
      const expected = this.#card.file?.sha256 ?? file.sha256 ?? sha256
      if (sha256 !== expected)
        throw new WrongContentError(`${file.name} has the wrong content: SHA-256 ${sha256}, expected ${expected}`)
      const { size, mtimeMs } = await stat(file.path)
      return { name: file.name, sha256, sizeBytes: size, mtimeMs }
    } catch (error) {
      if (error instanceof WrongContentError) await rm(file.path)
      throw error
    }
  }

  #stat(name: string): Promise<Stats | undefined> {
    return stat(join(this.#dir, name)).catch(() => undefined)
  }
}

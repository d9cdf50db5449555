/** A Redis server for tests. */
export type TestRedis = {
  readonly url: string
  readonly port: number
  /** Of the server process; another one after a restart. */
  readonly pid: number
  /** Ends the server and removes its data (not a `dir` that the caller gave). Calling it again is harmless. */
  stop(): Promise<void>
  /** Ends the server and starts it again on the same port with the same data. Also after it was killed. */
  restart(): Promise<void>
}

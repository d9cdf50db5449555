import { parentOf } from './process-identity.mjs'

/**
 * Ctrl-C reaches every process of the terminal's group, and npm and the bootstrap pass it on as well: what arrives
 * within this time is one request. A later signal is a person who has lost patience.
 */
const sameRequestMs = 800
const parentCheckMs = 1_000

/**
 * Listens for the wish to stop: Ctrl-C, SIGTERM, a closed terminal, or the death of the process that started this
 * one. `signal` is aborted with the first, `hurry` with a repetition.
 */
export function listenForStop() {
  const stop = new AbortController()
  const hurry = new AbortController()
  let firstAtMs
  const request = (reason) => {
    firstAtMs ??= performance.now()
    if (performance.now() - firstAtMs > sameRequestMs) hurry.abort(reason)
    stop.abort(reason)
  }
  for (const name of ['SIGINT', 'SIGTERM', 'SIGHUP']) process.on(name, () => request(name))
  process.once('disconnect', () => request('the parent process has gone'))
  if (process.env.npm_lifecycle_event) watchParent(request)
  // `npm start | head`: nobody reads any more, which must not end us before we have ended the others.
  for (const stream of [process.stdout, process.stderr]) stream.on('error', () => request('nobody reads the output'))
  return { signal: stop.signal, hurry: hurry.signal }
}

/**
 * npm passes signals on, but not its own violent death. Between npm and us there may be a shell that outlives it, so
 * the parent's parent is watched too. Started by hand, we may outlive a shell: `nohup node … &`.
 */
function watchParent(request) {
  const ancestors = () => `${process.ppid} ${parentOf(process.ppid)}`
  const first = ancestors()
  const timer = setInterval(() => {
    if (ancestors() !== first) request('npm has gone')
  }, parentCheckMs)
  timer.unref()
}

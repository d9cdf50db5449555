import { createHash } from 'node:crypto'
import { once } from 'node:events'
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http'
import { setTimeout as delay } from 'node:timers/promises'

/** How the stand-in behaves; tests change it between requests. */
export type HubBehaviour = {
  /** Each download connection is cut after so many bytes; undefined: never. */
  cutAfterBytes?: number | undefined
  /** Pause between chunks of 64 KiB. */
  chunkPauseMs?: number
  /** Only requests with this bearer token are answered; the others get the hub's 401. */
  token?: string
  /** Facts about files are public, and only their content needs the token, as with a gated model. */
  gated?: boolean
  /** What the hub says the content is; default: the truth. */
  announcedSha256?: string
}

export type HubRequest = { server: 'hub' | 'storage'; line: string; authorization?: string; range?: string }

export type StandInHub = {
  url: string
  behaviour: HubBehaviour
  requests: HubRequest[]
  /** The requests that fetched content, without those that only asked for the size. */
  downloads(): HubRequest[]
  stop(): Promise<void>
}

/**
 * Speaks as much of the hub's HTTP as a download takes: file facts, tags, and a redirect to a storage server of
 * another origin, which serves ranges.
 */
export async function startStandInHub(files: Record<string, Buffer>): Promise<StandInHub> {
  const requests: HubRequest[] = []
  const behaviour: HubBehaviour = {}
  const content = (path: string) => files[decodeURIComponent(path)]
  const storage = await listen('storage', requests, (request, response) =>
    sendContent(content((request.url ?? '').slice(1)), behaviour, { request, response }),
  )
  const hub = await listen('hub', requests, async (request, response) => {
    const isFree = !behaviour.token || (behaviour.gated && !request.url?.includes('/resolve/'))
    if (!isFree && request.headers.authorization !== `Bearer ${behaviour.token}`) return end(response, 401)
    const [, tag] = /^\/v2\/.+\/manifests\/(.+)$/.exec(request.url ?? '') ?? []
    const named = tag && Object.keys(files).find((path) => path.includes(tag))
    if (named) return json(response, { ggufFile: { rfilename: named } })
    if (tag) return end(response, 404)
    if (request.url?.includes('/paths-info/')) return json(response, await describe(request, files, behaviour))
    const [, path] = /\/resolve\/[^/]+\/(.+)$/.exec(request.url ?? '') ?? []
    response.writeHead(302, { location: `${storage.url}/${path}` }).end()
  })
  return {
    url: hub.url,
    behaviour,
    requests,
    downloads: () => requests.filter(({ server, range }) => server === 'storage' && range !== 'bytes=0-0'),
    stop: async () => void (await Promise.all([hub.stop(), storage.stop()])),
  }
}

type Exchange = { request: IncomingMessage; response: ServerResponse }

async function sendContent(
  content: Buffer | undefined,
  { cutAfterBytes = Number.POSITIVE_INFINITY, chunkPauseMs = 0 }: HubBehaviour,
  { request, response }: Exchange,
): Promise<void> {
  if (!content) return end(response, 404)
  const [, start = 0, last = content.length - 1] = /^bytes=(\d+)-(\d+)/.exec(request.headers.range ?? '') ?? []
  const body = content.subarray(Number(start), Number(last) + 1)
  const range = request.headers.range && { 'content-range': `bytes ${start}-${last}/${content.length}` }
  response.writeHead(range ? 206 : 200, { 'content-length': body.length, etag: '"stored"', ...range })
  for (let at = 0; at < body.length && !response.destroyed; at += 65_536) {
    if (at >= cutAfterBytes) return void response.destroy()
    response.write(body.subarray(at, at + 65_536))
    await delay(chunkPauseMs)
  }
  response.end()
}

async function describe(request: IncomingMessage, files: Record<string, Buffer>, behaviour: HubBehaviour) {
  const { paths }: { paths: string[] } = JSON.parse(Buffer.concat(await request.toArray()).toString())
  return paths.flatMap((path) => {
    const content = files[path]
    if (!content) return []
    const oid = behaviour.announcedSha256 ?? createHash('sha256').update(content).digest('hex')
    return [{ type: 'file', path, size: content.length, lfs: { oid, size: content.length, pointerSize: 134 } }]
  })
}

async function listen(
  server: HubRequest['server'],
  requests: HubRequest[],
  handle: (request: IncomingMessage, response: ServerResponse) => unknown,
): Promise<{ url: string; stop: () => Promise<unknown> }> {
  const listening: Server = createServer((request, response) => {
    const { authorization, range } = request.headers
    requests.push({
      server,
      line: `${request.method} ${request.url}`,
      ...(authorization && { authorization }),
      ...(range && { range }),
    })
    handle(request, response)
  }).listen(0, '127.0.0.1')
  await once(listening, 'listening')
  const address = listening.address()
  if (typeof address !== 'object' || !address) throw new Error('the stand-in hub has no port')
  const stop = async () => {
    const closed = once(listening, 'close')
    listening.close()
    listening.closeAllConnections()
    await closed
  }
  return { url: `http://127.0.0.1:${address.port}`, stop }
}

function json(response: ServerResponse, value: unknown): void {
  response.writeHead(200, { 'content-type': 'application/json' }).end(JSON.stringify(value))
}

function end(response: ServerResponse, status: number): void {
  response.writeHead(status).end()
}

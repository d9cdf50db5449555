import OpenAI from 'openai'
import { type ClusterOptions, startCluster } from '../cluster/start-cluster.ts'
import { type Contestant, type Load, question, stopwatch } from './measurement.ts'

/** The whole of Millrace: HTTP → queue → worker → log → SSE, read by the official client. */
export async function millraceContestant(options: ClusterOptions & { model: string }): Promise<Contestant> {
  const cluster = await startCluster(options)
  const client = new OpenAI({ baseURL: `${cluster.urls[0]}/v1`, apiKey: cluster.apiKey, maxRetries: 0 })
  return {
    name: 'Millrace',
    run: async (load: Load) => {
      const watch = stopwatch()
      const streams = Array.from({ length: load.streams }, (_, stream) => read(stream))
      const counts = await Promise.all(streams)
      return watch.result(counts.reduce((sum, count) => sum + count, 0))

      async function read(stream: number): Promise<number> {
        const chunks = await client.chat.completions.create({
          model: options.model,
          messages: [{ role: 'user', content: question(load, stream) }],
          temperature: 0,
          max_tokens: load.tokens,
          stream: true,
          stream_options: { include_usage: true },
        })
        let tokens = 0
        let begun = false
        for await (const chunk of chunks) {
          if (!begun && chunk.choices[0]?.delta.content) {
            begun = true
            watch.firstToken()
          }
          tokens = chunk.usage?.completion_tokens ?? tokens
        }
        return tokens
      }
    },
    [Symbol.asyncDispose]: () => cluster[Symbol.asyncDispose](),
  }
}

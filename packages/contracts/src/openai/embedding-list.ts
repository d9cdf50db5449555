import { z } from 'zod'

/** The answer of `POST /v1/embeddings`, in the order of the inputs. */
export const EmbeddingList = z.object({
  object: z.literal('list'),
  model: z.string(),
  data: z.array(
    z.object({
      object: z.literal('embedding'),
      index: z.int().nonnegative(),
      /** With `encoding_format: base64`: little-endian float32 values, base64. */
      embedding: z.union([z.array(z.number()), z.string()]),
    }),
  ),
  usage: z.object({ prompt_tokens: z.int().nonnegative(), total_tokens: z.int().nonnegative() }),
})
export type EmbeddingList = z.infer<typeof EmbeddingList>

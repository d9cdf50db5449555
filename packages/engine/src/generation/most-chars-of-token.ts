import { type LlamaModel, LlamaVocabularyType } from 'node-llama-cpp'

/** Vocabularies that keep every byte of a text; others drop spaces, or make one token of any unknown word. */
const lossless: readonly LlamaVocabularyType[] = [LlamaVocabularyType.bpe, LlamaVocabularyType.spm]

/**
 * The most characters (UTF-16 units) of a text that one token can stand for; infinite where there is no bound. Both
 * kinds of lossless vocabulary write a token with at least one unit for each byte that it stands for in a text, or for
 * each unit.
 */
export function mostCharsOfToken(model: LlamaModel): number {
  const tokens = model.fileInfo.metadata.tokenizer?.ggml.tokens ?? []
  if (tokens.length === 0 || !lossless.includes(model.vocabularyType)) return Number.POSITIVE_INFINITY
  return tokens.reduce((most, token) => Math.max(most, token.length), 1)
}

import { Failure } from '@millrace/contracts/failures'
import { LlamaGrammarEvaluationState, type LlamaModel, type Token, TokenBias } from 'node-llama-cpp'
import { acceptToken, canAcceptToken } from './accept-token.ts'

/** Each holds its rules in native memory, some megabytes for the largest. */
const cachedLimit = 32

/** Grammars of a model: compiled once, and brought to any place in a text. */
export class Grammars {
  readonly #model: LlamaModel
  /** Compiled and not begun; the one used last is at the end. */
  readonly #compiled = new Map<string, LlamaGrammarEvaluationState>()
  #tokenBias: TokenBias | undefined

  constructor(model: LlamaModel) {
    this.#model = model
  }

  /**
   * Where the grammar stands after these tokens.
   *
   * @throws Failure when the native library does not take the grammar.
   */
  async after(grammar: string, tokens: readonly Token[]): Promise<LlamaGrammarEvaluationState> {
    const state = (await this.#begin(grammar)).clone()
    for (const token of tokens) acceptToken(this.#model, state, token)
    return state
  }

  /** Whether the text may end here. */
  isComplete(state: LlamaGrammarEvaluationState): boolean {
    const end = this.#model.tokens.eot ?? this.#model.tokens.eos
    return end === null || canAcceptToken(this.#model, state, end)
  }

  /**
   * Keeps control tokens out of the text. To a grammar they are the characters of their names, but they are not shown:
   * a string that had its length with them would lack it.
   */
  get tokenBias(): TokenBias {
    this.#tokenBias ??= this.#banControlTokens()
    return this.#tokenBias
  }

  #banControlTokens(): TokenBias {
    const control = [...this.#model.iterateAllTokens()].filter((token) => this.#model.isSpecialToken(token))
    return TokenBias.for(this.#model).set(control, 'never')
  }

  async #begin(grammar: string): Promise<LlamaGrammarEvaluationState> {
    const state = this.#compiled.get(grammar) ?? (await this.#compile(grammar))
    this.#compiled.delete(grammar)
    this.#compiled.set(grammar, state)
    const [oldest] = this.#compiled.keys()
    if (this.#compiled.size > cachedLimit && oldest !== undefined) this.#compiled.delete(oldest)
    return state
  }

  async #compile(grammar: string): Promise<LlamaGrammarEvaluationState> {
    try {
      const compiled = await this.#model.llama.createGrammar({ grammar })
      return new LlamaGrammarEvaluationState({ model: this.#model, grammar: compiled })
    } catch (cause) {
      throw new Failure('invalid_request', "Invalid 'grammar': it cannot be parsed.", { param: 'grammar', cause })
    }
  }
}

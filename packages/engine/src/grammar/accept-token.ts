import type { Llama, LlamaGrammarEvaluationState, LlamaModel, Token } from 'node-llama-cpp'

/** The native functions that node-llama-cpp (3.22.1) has and does not show. */
type NativeSampler = {
  acceptGrammarEvaluationStateToken(state: unknown, token: Token): void
  canBeNextTokenForGrammarEvaluationState(state: unknown, token: Token): boolean
}
type Internals = Llama & { _bindings?: { AddonSampler?: Partial<NativeSampler> } }
type StateInternals = LlamaGrammarEvaluationState & { _state?: unknown }

/**
 * Moves a grammar on by a token that was generated before: the library does it only while it samples, so a generation
 * that is continued could not be brought back to its place in the grammar. This is the one file that reaches into the
 * library; its test fails when an upgrade takes that away.
 *
 * @throws When the token does not fit.
 */
export function acceptToken(model: LlamaModel, state: LlamaGrammarEvaluationState, token: Token): void {
  const { native, internal } = internalsOf(model, state)
  native.acceptGrammarEvaluationStateToken(internal, token)
}

/** Whether the token fits; for a token that ends texts: whether the text is complete. */
export function canAcceptToken(model: LlamaModel, state: LlamaGrammarEvaluationState, token: Token): boolean {
  const { native, internal } = internalsOf(model, state)
  return native.canBeNextTokenForGrammarEvaluationState(internal, token)
}

function internalsOf(model: LlamaModel, state: LlamaGrammarEvaluationState) {
  const native = (model.llama as Internals)._bindings?.AddonSampler
  const internal = (state as StateInternals)._state
  const { acceptGrammarEvaluationStateToken: accept, canBeNextTokenForGrammarEvaluationState: canAccept } = native ?? {}
  if (native === undefined || accept === undefined || canAccept === undefined || internal === undefined) {
    throw new Error('This version of node-llama-cpp cannot replay tokens through a grammar; 3.22.1 can.')
  }
  return { native: native as NativeSampler, internal }
}

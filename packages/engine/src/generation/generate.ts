import { Failure } from '@millrace/contracts/failures'
import type { EngineRunOptions, GenerationEvent, GenerationJob, ResumePoint } from '@millrace/contracts/jobs'
import type { LlamaGrammarEvaluationState, LlamaModel, Token } from 'node-llama-cpp'
import type { Grammars } from '../grammar/grammars.ts'
import type { ContextHost, LiveContext } from './context-host.ts'
import { DecodeError, decodeTokens } from './decode-tokens.ts'
import { Output } from './output.ts'
import type { PromptRenderer, RenderedPrompt } from './prompt-renderer.ts'
import { samplingOptions } from './sampling-options.ts'

/** About two seconds of decoding for a small model on two CPU cores. */
const exactReplayLimitTokens = 160

export type GenerateDeps = { model: LlamaModel; host: ContextHost; prompts: PromptRenderer; grammars: Grammars }
export type GenerateOptions = EngineRunOptions & { resumeFrom?: ResumePoint }

/** One generation on its way: what the attempts at it, in one context or in two, have in common. */
type Run = {
  job: GenerationJob
  prompt: RenderedPrompt
  maxTokens: number
  output: Output
  grammars: Grammars
  signal: AbortSignal
  /** Text that the log's tokens made safe to show, and that the log does not show. */
  unseen: string
  /** Of the first attempt; undefined before it. */
  cachedTokens?: number
}

/** The events of one generation, from its beginning or from where its log ends. See Engine.generate. */
export async function* generate(
  deps: GenerateDeps,
  job: GenerationJob,
  { signal, resumeFrom }: GenerateOptions,
): AsyncGenerator<GenerationEvent> {
  const run = prepare(deps, job, signal)
  const replayed = (resumeFrom?.tokens ?? []).map((token) => run.output.push(token as Token)).join('')
  const shown = resumeFrom?.text ?? ''
  // More was shown than the tokens made safe: the earlier attempt had flushed, so its generation was at its end.
  let reason = run.output.endReason ?? (shown.length > replayed.length ? 'stop' : undefined)
  const text = reason ? replayed + run.output.flush() : replayed
  run.unseen = text.slice(shown.length)
  if (reason) yield* begin(run, 0)
  reason ??= yield* decodeSurvivingContexts(deps.host, run)
  yield { type: 'job-finished', reason, usage: usage(run) }
}

function prepare({ model, host, prompts, grammars }: GenerateDeps, job: GenerationJob, signal: AbortSignal): Run {
  const { contextSize } = host.live.context
  const fewestTokens = prompts.fewestTokens(job.messages)
  if (fewestTokens >= contextSize) throw tooLong(contextSize, `at least ${fewestTokens}`)
  const prompt = prompts.render(job.messages)
  if (prompt.tokens.length >= contextSize) throw tooLong(contextSize, `${prompt.tokens.length}`)
  const maxTokens = Math.min(job.maxTokens, contextSize - prompt.tokens.length)
  const stops = [...job.stop, ...prompt.stops]
  const output = new Output({ detokenize: model.tokenizer.detokenize, stops, maxTokens })
  return { job, prompt, maxTokens, output, grammars, signal, unseen: '' }
}

function tooLong(contextSize: number, promptTokens: string): Failure {
  const message =
    `This model's maximum context length is ${contextSize} tokens, and the prompt has ${promptTokens}. ` +
    'Please shorten the messages.'
  return new Failure('context_length_exceeded', message, { param: 'messages' })
}

/** Goes on in a new context, from the token it had reached, when the context fails under it. */
async function* decodeSurvivingContexts(
  host: ContextHost,
  run: Run,
): AsyncGenerator<GenerationEvent, 'stop' | 'length'> {
  while (true) {
    const live = host.live
    try {
      return yield* decode(live, run)
    } catch (error) {
      // A generation that waited for a slot meets the failure of the others as a context that is gone.
      if (!(error instanceof DecodeError) && !live.context.disposed) throw error
      await host.replace(live, error)
    }
  }
}

async function* decode(live: LiveContext, run: Run): AsyncGenerator<GenerationEvent, 'stop' | 'length'> {
  const { prompt, output, signal } = run
  const tokens = [...prompt.tokens, ...output.tokens]
  const grammar = await grammarState(run)
  const slot = await live.slots.acquire(tokens, signal)
  const seat = live.steps.join(slot.id)
  try {
    const cachedTokens = Math.min(await slot.keepPrefix(tokens), prompt.tokens.length)
    if (run.cachedTokens === undefined) yield* begin(run, cachedTokens)
    const sampling = { ...samplingOptions(run.job.sampling, output, run.maxTokens), ...grammarOptions(run, grammar) }
    const oneByOne = replayedOneByOne(run)
    for await (const token of decodeTokens({ slot, seat, tokens, oneByOne, sampling, signal })) {
      yield { type: 'text-delta', text: output.push(token), tokens: [token] }
      if (output.endReason) break
    }
    if (!output.endReason && grammar) requireComplete(run.grammars, grammar)
    const rest = output.flush()
    if (rest) yield { type: 'text-delta', text: rest, tokens: [] }
    return output.endReason ?? 'stop'
  } finally {
    seat.leave()
    live.slots.release(slot)
  }
}

/** Where the job's grammar stands after what was generated so far: of an earlier attempt, or in a context that failed. */
async function grammarState({ job, grammars, output }: Run): Promise<LlamaGrammarEvaluationState | undefined> {
  return job.grammar === undefined ? undefined : await grammars.after(job.grammar, output.tokens)
}

function grammarOptions({ grammars }: Run, grammar: LlamaGrammarEvaluationState | undefined) {
  return grammar === undefined ? {} : { grammarEvaluationState: grammar, tokenBias: grammars.tokenBias }
}

/** Where no token of the vocabulary fits, the native sampler takes any, and may take one that ends the text. */
function requireComplete(grammars: Grammars, grammar: LlamaGrammarEvaluationState): void {
  if (grammars.isComplete(grammar)) return
  throw new Failure('engine_failure', 'This model has no token with which the text could go on as its grammar demands.')
}

/**
 * A batch of many tokens rounds otherwise than many batches of one, which can tip a greedy choice further on. So a
 * greedy generation that is continued has its own tokens computed as they were at first, while that takes no longer
 * than a pause may.
 */
function replayedOneByOne({ job, output }: Run): number {
  const greedy = job.sampling.temperature === 0
  return greedy && output.tokens.length <= exactReplayLimitTokens ? output.tokens.length : 0
}

function* begin(run: Run, cachedTokens: number): Generator<GenerationEvent> {
  run.cachedTokens = cachedTokens
  const queuedMs = Math.max(0, Date.now() - run.job.submittedAtMs)
  yield { type: 'job-started', promptTokens: run.prompt.tokens.length, cachedTokens, queuedMs }
  if (run.unseen) yield { type: 'text-delta', text: run.unseen, tokens: [] }
}

function usage({ prompt, output, cachedTokens = 0 }: Run) {
  return { promptTokens: prompt.tokens.length, completionTokens: output.tokens.length, cachedTokens }
}

import type { CustomBatchingPrioritizationStrategy } from 'node-llama-cpp'

/**
 * Fills a batch with the sequences that wait for their next token first, then with prompts. Both keep the order in
 * which they were queued, which is that of their ids (see StepScheduler): llama.cpp cuts a batch wherever a sequence's
 * id is not its predecessor's + 1, and each cut is a decode of its own.
 */
export const runningFirst: CustomBatchingPrioritizationStrategy = ({ items, size }) => {
  const running = items.filter(({ tokens }) => tokens.length === 1)
  const prompts = items.filter(({ tokens }) => tokens.length > 1)
  let left = size
  return [...running, ...prompts].map((item) => {
    const processAmount = Math.min(item.tokens.length, left)
    left -= processAmount
    return { item, processAmount }
  })
}

/**
 * Does what a test asked for inside a prompt.
 *
 * @throws Error when a text contains `[fail]`. One with `[crash]` ends the process instead.
 */
export function obeyCommands(texts: readonly string[]): void {
  if (texts.some((text) => text.includes('[crash]'))) process.exit(1)
  if (texts.some((text) => text.includes('[fail]'))) throw new Error('the prompt asked the scripted engine to fail')
}

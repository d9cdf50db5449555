/** What a body holds, and the error that it ended with. */
export async function readUntilBroken(body: ReadableStream<Uint8Array>): Promise<{ text: string; error: unknown }> {
  const decoder = new TextDecoder()
  let text = ''
  try {
    for await (const bytes of body) text += decoder.decode(bytes, { stream: true })
  } catch (error) {
    return { text, error }
  }
  throw new Error(`the body ended in good order: ${text}`)
}

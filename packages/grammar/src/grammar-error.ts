/** Where in a document something stands: keys and indexes from its root. */
export type Place = readonly (string | number)[]

/** What a grammar cannot enforce, or what is no grammar or schema at all. */
export class GrammarError extends Error {
  /** Of the keyword at fault, in the schema; empty for GBNF. */
  readonly place: Place

  constructor(message: string, place: Place = []) {
    super(message)
    this.name = 'GrammarError'
    this.place = place
  }
}

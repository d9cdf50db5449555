/** Something that a person can do something about: the message says which step, why, and what helps. */
export class Problem extends Error {
  name = 'Problem'
}

/** The person, or the service manager, asked us to stop. */
export class Interrupted extends Error {
  name = 'Interrupted'
}

export class Problem extends Error {}
export class Interrupted extends Error {}

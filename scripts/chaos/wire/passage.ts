/** One message on its way over a link. */
export interface Passage {
  readonly direction: 'request' | 'answer';
  /** In the words of the protocol: `Produce`, `insert orders`, `PATCH /v1/orders`. An answer has that of its request. */
  readonly operation: string;
  /** The request as text, whichever direction this is: what is known only by its content is looked for in there. */
  readonly request: string;
  /** What is handed on. */
  readonly bytes: Buffer;
}

/** Reads both directions of one connection. */
export interface Dialogue {
  readonly requests: (chunk: Buffer) => Passage[];
  readonly answers: (chunk: Buffer) => Passage[];
}

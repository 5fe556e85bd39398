/** What the person at the keyboard can put right: the message is one sentence that says how, so no stack is shown. */
export class SetupError extends Error {
  override readonly name = 'SetupError';
}

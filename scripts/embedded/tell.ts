/** Gets one line for people about something that takes long, a download for example. */
export type Tell = (line: string) => void;

/** Standard error, so that what a script prints stays usable. Not `console`: Jest adds a stack to each of its lines. */
export const tellOnStandardError: Tell = (line) => {
  process.stderr.write(`${line}\n`);
};

/** Tells a person what takes long, in one line. */
export type Progress = (line: string) => void;

/** Standard error, so that what a script prints stays usable. Not `console`: Jest adds a stack to each of its lines. */
export const tellOnStandardError: Progress = (line) => {
  process.stderr.write(`${line}\n`);
};

/** Runs what it is given when it is its turn. */
export type InTurn = <T>(work: () => Promise<T>) => Promise<T>;

/** @returns runs what it is given, `most` at once; what comes meanwhile waits for its turn, in the order in which it came */
export function atOnce(most: number): InTurn {
  const waiting: (() => void)[] = [];
  let running = 0;
  return async (work) => {
    if (running < most) running += 1;
    else await new Promise<void>((resolve) => waiting.push(resolve));
    try {
      return await work();
    } finally {
      // A place is handed on, not given back: nobody who comes just now gets in between.
      const next = waiting.shift();
      if (next) next();
      else running -= 1;
    }
  };
}

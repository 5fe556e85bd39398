/** A metric's line has some hundred characters. */
const mostLineChars = 16_384;

/** Tells `take` each line of UTF-8 text that comes in pieces, whole and without its end; those that are too long are left out. */
export function lineReader(take: (line: string) => void) {
  const decoder = new TextDecoder();
  let rest = '';
  const takeShort = (line: string) => {
    if (line.length <= mostLineChars) take(line);
  };
  return {
    add(piece: Uint8Array): void {
      const lines = (rest + decoder.decode(piece, { stream: true })).split('\n');
      // One character too many is enough to know it later as too long.
      rest = lines.pop()?.slice(0, mostLineChars + 1) ?? '';
      for (const line of lines) takeShort(line);
    },
    end: (): void => takeShort(rest + decoder.decode()),
  };
}

/** What a service's JSON line says to a person, where it says that something is wrong. */
export interface Alert {
  readonly level: 'warn' | 'error' | 'fatal';
  /** Constant for what happened; what varies is the reason. */
  readonly message: string;
  readonly reason: string;
}

const levels: readonly string[] = ['warn', 'error', 'fatal'] satisfies Alert['level'][];

/** Parsing every line of a busy service would cost more than the console is worth: only a line with such a level is parsed. */
const mayBeAlert = /"level":"(?:warn|error|fatal)"/;

/** `undefined` for a line that is not JSON, or is no warning. */
export function alertOf(line: string): Alert | undefined {
  if (!mayBeAlert.test(line)) return undefined;
  const members = parse(line);
  const level = members?.level;
  if (members === undefined || typeof level !== 'string' || !levels.includes(level)) return undefined;
  return { level: level as Alert['level'], ...wordsOf(members) };
}

/** The port in a «listening» line. */
export function listeningPort(line: string): number | undefined {
  if (!line.includes('"listening"')) return undefined;
  const members = parse(line);
  return members?.msg === 'listening' && typeof members.port === 'number' ? members.port : undefined;
}

/**
 * The line among the last ones that tells most about an end: a warning or worse, else the line of an uncaught error,
 * else the very last. Empty if there were none.
 */
export function tellingLine(lines: readonly string[]): string {
  const alert = lines.map(alertOf).findLast((found) => found !== undefined);
  if (alert) return phrase(alert);
  const thrown = lines.findLast((line) => /^(?:\w*Error|\w*Exception)\b.*: ?\S/.test(line));
  if (thrown !== undefined) return thrown;
  const last = lines.findLast((line) => !line.startsWith('Node.js v')) ?? '';
  const members = parse(last);
  return members ? phrase(wordsOf(members)) : last;
}

/** `could not publish: connection refused` */
export function phrase({ message, reason }: Pick<Alert, 'message' | 'reason'>): string {
  return [message, reason].filter((part) => part !== '').join(': ');
}

function wordsOf({ msg, reason, err }: Record<string, unknown>): Pick<Alert, 'message' | 'reason'> {
  const thrown = (err as { message?: unknown } | undefined)?.message;
  const [said] = [reason, thrown].filter((text) => typeof text === 'string');
  return { message: typeof msg === 'string' ? msg : '', reason: said?.split('\n')[0] ?? '' };
}

function parse(line: string): Record<string, unknown> | undefined {
  if (!line.startsWith('{')) return undefined;
  try {
    return JSON.parse(line);
  } catch {
    return undefined;
  }
}

import { SetupError } from '../embedded/setup-error.ts';
import { judge, nameOf, type Resource, type Verdict } from './condition.ts';

export interface Waiting {
  /** Asks for the resources anew. */
  readonly list: () => Promise<readonly Resource[]>;
  /** What the step is waiting for, in a line. */
  readonly note: (text: string) => void;
  readonly nowMs: () => number;
  readonly pause: (ms: number) => Promise<void>;
  readonly timeoutMs: number;
}

const everyMs = 1_000;
/** An operator may refuse what depends on a resource it has not seen yet, until it looks anew: a busy one does so seconds later. */
const patienceMs = 20_000;

interface Finding extends Verdict {
  readonly name: string;
}

/**
 * Waits until every resource is ready.
 *
 * @throws SetupError with each resource that is not, and its operator's words, when one is refused for good or time is up
 */
export async function awaitReady({ list, note, nowMs, pause, timeoutMs }: Waiting): Promise<void> {
  const deadline = nowMs() + timeoutMs;
  let refusedSince: number | undefined;
  const tell = onlyNews(note);
  for (;;) {
    const findings = (await list()).map((resource) => ({ name: nameOf(resource), ...judge(resource) }));
    const unready = findings.filter(({ state }) => state !== 'ready');
    if (findings.length > 0 && unready.length === 0) return;
    const now = nowMs();
    refusedSince = unready.some(({ state }) => state === 'failed') ? (refusedSince ?? now) : undefined;
    if (now - (refusedSince ?? now) >= patienceMs) throw complaint('were refused or wait for what was', unready);
    if (now >= deadline) throw complaint(`are not ready after ${timeoutMs / 1_000} s`, unready);
    tell(inShort(unready));
    await pause(everyMs);
  }
}

function onlyNews(note: (text: string) => void): (text: string) => void {
  let told = '';
  return (text) => {
    if (text !== told) note(text);
    told = text;
  };
}

/** The first only: a Kafka that is starting has many that wait for it. */
function inShort([first, ...others]: readonly Finding[]): string {
  if (first === undefined) return 'nothing is there yet';
  return `${first.name} ${first.because}${others.length > 0 ? ` (and ${others.length} more)` : ''}`;
}

function complaint(outcome: string, unready: readonly Finding[]): SetupError {
  const lines = unready.map(({ name, because }) => `  ${name}: ${because}`);
  return new SetupError(`These ${outcome}:\n${lines.join('\n') || '  nothing was found'}`);
}

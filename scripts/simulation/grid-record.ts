import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { Setting } from '../../services/lag-controller/src/simulator/scenarios.ts';
import type { Result } from '../../services/lag-controller/src/simulator/simulate.ts';
import { type Summary, summarize } from '../../services/lag-controller/src/simulator/summary.ts';
import { bestKeda, type Verdict, verdicts } from '../../services/lag-controller/src/simulator/verdict.ts';
import { readIfThere } from '../generated/read-if-there.ts';

/** What one setting of the grid has shown. */
export interface GridEntry {
  readonly setting: Setting;
  readonly seeds: readonly number[];
  /** Of the lag controller, with busy time and without, the best KEDA setting, and the oracle. */
  readonly summaries: readonly Summary[];
  readonly verdicts: readonly Verdict[];
}

export const gridFile = join(import.meta.dirname, 'recorded-grid.json');

/** Empty as long as nothing was recorded. */
export function readGrid(): GridEntry[] {
  return JSON.parse(readIfThere(gridFile) ?? '[]') as GridEntry[];
}

export function gridEntry(
  { partitions, messagesPerSecondPerReplica, rebalanceSeconds }: Setting,
  results: readonly Result[],
): GridEntry {
  const summaries = summarize(results);
  const shown = ['lag-controller', 'lag-controller-offsets', bestKeda(summaries)?.controller, 'oracle'];
  return {
    setting: { partitions, messagesPerSecondPerReplica, rebalanceSeconds },
    seeds: [...new Set(results.map(({ seed }) => seed))],
    summaries: shown.flatMap((name) => summaries.filter(({ controller }) => controller === name)),
    verdicts: verdicts(results, 'lag-controller'),
  };
}

/** The entries in the order of their settings, with this one in the place of the one of the same setting. */
export function withEntry(entries: readonly GridEntry[], entry: GridEntry): GridEntry[] {
  const keyOf = ({ setting }: GridEntry) =>
    Object.values(setting)
      .map((value) => String(value).padStart(6))
      .join();
  return [...entries.filter((other) => keyOf(other) !== keyOf(entry)), entry].sort((left, right) =>
    keyOf(left) < keyOf(right) ? -1 : 1,
  );
}

/** Writes the record after each setting, so that a run that is ended early keeps what it has. */
export async function recordGrid(entry: GridEntry): Promise<void> {
  const lines = withEntry(readGrid(), entry).map((one) => JSON.stringify(one));
  await writeFile(gridFile, `[\n${lines.join(',\n')}\n]\n`);
}

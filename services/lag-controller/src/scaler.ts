import type { Decision } from './law/decision.ts';
import type { Learned } from './law/history.ts';
import type { Observation } from './law/observation.ts';
import type { Policy } from './law/policy.ts';
import type { Target } from './target.ts';

/** One consumer group on one topic, and what is scaled for it. In a cluster it comes from a LagScaler, locally from settings. */
export interface Scaler {
  /** `namespace/name` in a cluster. */
  readonly name: string;
  /** Tells two apart that had the same name one after the other; absent where nothing comes and goes. */
  readonly uid?: string;
  readonly group: string;
  readonly topic: string;
  readonly policy: Policy;
  /** Decide and tell, but change nothing. */
  readonly dryRun: boolean;
  /** @returns who else is in charge of the target, whose replicas were just found so, as a sentence: then nothing is written */
  readonly conflict?: (found: { readonly replicas: number; readonly atMs: number }) => string | undefined;
  /** Why it may no longer be as it is here, as a sentence: then nothing is written either. */
  readonly outdated?: string;
  readonly target: Target;
  /** Where the consumers' own metrics are read; absent: offsets only. */
  readonly metricsUrls?: () => Promise<readonly string[]>;
  /** What these pages are called in a sentence: `SERVICE:PORT/PATH` in a cluster. */
  readonly metricsName?: string;
  /** What a former leader had learned, as `learned` gave it; absent after the first start. */
  readonly learned?: Learned;
}

/** What came of one round for one scaler. */
export interface Round {
  readonly scaler: string;
  readonly observation: Observation;
  readonly decision: Decision;
  readonly learned: Learned;
  /** The replicas that were asked for in this round; absent when nothing was written. */
  readonly written?: number;
  /** The replicas of a write that failed: with no answer it may have been done all the same. */
  readonly attempted?: number;
  /** Set where the target could not be read; `not-found`: there is none of that name. */
  readonly targetFault?: 'not-found' | 'unavailable';
  /** What could not be read of the consumers' own metrics, one of the `faults`: a round is as good without them. */
  readonly workFault?: string;
  /** Why what was decided was not done. */
  readonly withheld?: 'dry-run' | 'not-leader' | 'conflict' | 'unavailable';
  /** Faults of this round's reading and writing, as sentences. */
  readonly faults: readonly string[];
}

/** Called with what came of each round: the status writer, metrics, the fault log and the page are such. Must not throw. */
export type RoundListener = (scaler: Scaler, round: Round) => void;

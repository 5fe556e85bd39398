import { isDomainError, reasonOf } from '@shop/shared/errors';
import type { Logger } from '@shop/shared/log';
import type { ReadOffsets } from './kafka/offsets.ts';
import type { OffsetsSample } from './kafka/offsets-sample.ts';
import type { Decision } from './law/decision.ts';
import { type History, newHistory } from './law/history.ts';
import type { Observation, TargetSample } from './law/observation.ts';
import { observe } from './law/observe.ts';
import { decide } from './law/scaling.ts';
import type { DecisionRecord } from './reporting/record.ts';
import type { Round, RoundListener, Scaler } from './scaler.ts';
import { believable, type ReadWork } from './work.ts';

export interface ReconcilePorts {
  /** Those that there are now, or were when they could be read last. */
  readonly scalers: () => Promise<readonly Scaler[]>;
  readonly readOffsets: ReadOffsets;
  readonly readWork: ReadWork;
  /** Asked right before each write: whether this process is still the one that acts. */
  readonly mayWrite: () => boolean;
  readonly nowMs: () => number;
  readonly listeners: readonly RoundListener[];
  /** Told once of each scaler that had rounds and is there no more. */
  readonly gone: (scaler: string) => void;
  /** Gets all that a decision was made from, before it is acted upon: a write that hangs or fails loses no record. */
  readonly record: (record: DecisionRecord) => void;
  readonly log: Logger;
}

interface Remembered {
  readonly uid: string | undefined;
  readonly history: History;
}

/** @returns one round: read, observe, decide, act, tell. A call during a round joins it, so that rounds never overlap. */
export function reconcileWith(ports: ReconcilePorts): () => Promise<void> {
  const remembered = new Map<string, Remembered>();
  let running: Promise<void> | undefined;
  const round = async () => {
    const scalers = await ports.scalers();
    for (const [name, { uid }] of remembered)
      if (!scalers.some((scaler) => scaler.name === name && scaler.uid === uid)) {
        remembered.delete(name);
        ports.gone(name);
      }
    const offsets = await ports.readOffsets(scalers);
    // The offsets' time, from which rates are made: what is read after them may take seconds.
    const atMs = ports.nowMs();
    await Promise.all(
      scalers.map((scaler) =>
        reconcileOne(ports, scaler, { offsets: offsets.get(scaler.name), atMs }, remembered).catch((error) =>
          ports.log.error({ err: error, scaler: scaler.name }, 'a round failed'),
        ),
      ),
    );
  };
  return () => {
    running ??= round().finally(() => {
      running = undefined;
    });
    return running;
  };
}

async function reconcileOne(
  ports: ReconcilePorts,
  scaler: Scaler,
  { offsets, atMs }: { offsets: OffsetsSample | undefined; atMs: number },
  remembered: Map<string, Remembered>,
): Promise<void> {
  const faults = [...(scaler.outdated === undefined ? [] : [scaler.outdated]), ...(offsets?.faults ?? [])];
  const [{ target, targetFault }, read] = await Promise.all([readTarget(scaler, faults), ports.readWork(scaler)]);
  const before = remembered.get(scaler.name)?.history ?? newHistory(scaler.learned);
  const { work, workFault } = believable(read, target, before.looks);
  if (workFault !== undefined) faults.push(workFault);
  const observation: Observation = {
    atMs,
    ...(offsets?.partitions && { partitions: offsets.partitions }),
    ...(offsets?.group && { group: offsets.group }),
    ...(target && { target }),
    ...(work && { work }),
  };
  const { policy } = scaler;
  const history = observe(before, observation, policy);
  remembered.set(scaler.name, { uid: scaler.uid, history });
  const decision = decide(history, policy, observation.atMs);
  ports.record({ scaler: scaler.name, before, observation, policy, nowMs: observation.atMs, decision });
  const done = await act(ports, scaler, decision, observation, faults);
  const round: Round = {
    scaler: scaler.name,
    observation,
    decision,
    learned: history.learned,
    ...done,
    faults,
    ...(targetFault && { targetFault }),
    ...(workFault !== undefined && { workFault }),
  };
  for (const listen of ports.listeners) listen(scaler, round);
}

async function readTarget(
  { target }: Scaler,
  faults: string[],
): Promise<{ target?: TargetSample; targetFault?: NonNullable<Round['targetFault']> }> {
  try {
    return { target: await target.read() };
  } catch (error) {
    faults.push(`target: ${reasonOf(error)}`);
    return { targetFault: isDomainError(error, 'not-found') ? 'not-found' : 'unavailable' };
  }
}

type Done = Pick<Round, 'written' | 'attempted' | 'withheld'>;

/** Writes only what differs from what is asked for, so that a round can be repeated. */
async function act(
  ports: ReconcilePorts,
  scaler: Scaler,
  { replicas, action, reason }: Decision,
  { target: present, atMs }: Observation,
  faults: string[],
): Promise<Done> {
  if (action === 'hold' || replicas === undefined || present === undefined || replicas === present.desired) return {};
  if (scaler.dryRun) return { withheld: 'dry-run' };
  if (scaler.conflict?.({ replicas: present.desired, atMs }) !== undefined) return { withheld: 'conflict' };
  if (!ports.mayWrite()) return { withheld: 'not-leader' };
  if (scaler.outdated !== undefined) return { withheld: 'unavailable' };
  try {
    await scaleFrom(ports, scaler, present, replicas);
    ports.log.info({ scaler: scaler.name, from: present.desired, to: replicas, reason }, 'scaled');
    return { written: replicas };
  } catch (error) {
    faults.push(`scaling: ${reasonOf(error)}`);
    return { withheld: 'unavailable', attempted: replicas };
  }
}

/** What was read may be a version too old where pods become ready just then; with the count as it was it is written once more. */
async function scaleFrom(
  ports: ReconcilePorts,
  { target }: Scaler,
  present: TargetSample,
  replicas: number,
): Promise<void> {
  try {
    await target.scale(replicas);
  } catch (error) {
    if (!isDomainError(error, 'stale')) throw error;
    const { desired } = await target.read();
    if (desired !== present.desired || !ports.mayWrite()) throw error;
    await target.scale(replicas);
  }
}

import { isDeepStrictEqual } from 'node:util';
import { V1MicroTime } from '@kubernetes/client-node';
import type { Logger } from '@shop/shared/log';
import type { Round } from '../scaler.ts';
import { type Api, answerOf, jsonPatch } from './api.ts';
import { allowedOf, type EventAllowance } from './event-allowance.ts';
import { type LagScaler, type LagScalerStatus, nameOf, resource } from './lag-scaler.ts';
import { type Occurrence, occurrencesOf } from './occurrence.ts';
import { isNews, statusOf } from './status.ts';

/**
 * Figures that only drift are written this often: every round would be a write to etcd per scaler and round for nothing.
 * What has not drifted from what is there is not written at all.
 */
const driftMs = 30_000;
const component = 'lag-controller';

interface Written {
  readonly uid: string;
  readonly status: LagScalerStatus;
  readonly atMs: number;
  readonly allowance: EventAllowance;
}

export interface StatusWriterOptions {
  readonly api: Pick<Api, 'custom' | 'events'>;
  readonly identity: string;
  /** Asked right before each write. */
  readonly mayWrite: () => boolean;
  readonly log: Logger;
  readonly nowMs?: () => number;
}

/**
 * Writes a LagScaler's status where there is news, and Events for what changed. A status that could not be written is written
 * after the next round; an Event that could not be posted, or only by who leads no more, is lost.
 */
export function statusWriter({ api, identity, mayWrite, log, nowMs = Date.now }: StatusWriterOptions) {
  const written = new Map<string, Written>();
  const running = new Map<string, Promise<void>>();

  const isDue = (last: Written | undefined, status: LagScalerStatus, there: LagScalerStatus | undefined) => {
    if (last === undefined || isNews(last.status, status)) return true;
    return nowMs() - last.atMs >= driftMs && !isDeepStrictEqual(stored(status), stored(there));
  };

  const write = async (scaler: LagScaler, round: Round, conflict: string | undefined) => {
    const { name, namespace, uid } = scaler.metadata;
    const known = written.get(nameOf(scaler));
    const last = known?.uid === uid ? known : undefined;
    const before = last?.status ?? (scaler.status?.conditions ? scaler.status : undefined);
    const found = statusOf(scaler, round, { conflict, before, nowMs: nowMs() });
    // What a former leader learned, and this one not yet, stays.
    const status = { ...found, learned: { ...scaler.status?.learned, ...found.learned } };
    const isAsked = round.written !== undefined || isDue(last, status, scaler.status);
    if (!isAsked || !mayWrite()) return;
    const patch = { ...resource, name, namespace, fieldManager: component, body: patchOf(uid, status) };
    await answerOf(`status of LagScaler ${name}`, api.custom.patchNamespacedCustomObjectStatus(patch, jsonPatch));
    const occurrences = occurrencesOf(scaler, { before, after: status, round });
    const { allowed, allowance } = allowedOf(occurrences, last?.allowance, nowMs());
    written.set(nameOf(scaler), { uid, status, atMs: nowMs(), allowance });
    for (const occurrence of allowed) await post(scaler, occurrence);
  };

  const post = async (scaler: LagScaler, { type, reason, note }: Occurrence) => {
    if (!mayWrite()) return;
    const { name, namespace, uid } = scaler.metadata;
    const regarding = {
      apiVersion: `${resource.group}/${resource.version}`,
      kind: 'LagScaler',
      name,
      namespace,
      uid,
    };
    const event = {
      metadata: { generateName: `${name}-`, namespace },
      eventTime: new V1MicroTime(),
      reportingController: `${resource.group}/${component}`,
      // The API server allows 128 characters here.
      reportingInstance: identity.slice(0, 128),
      action: 'Reconcile',
      regarding,
      type,
      reason,
      note: note.slice(0, 1024),
    };
    await answerOf(`event of LagScaler ${name}`, api.events.createNamespacedEvent({ namespace, body: event }));
  };

  return {
    /** A round of which nothing was written is left out while the write before is still under way. */
    tell(scaler: LagScaler, round: Round, conflict: string | undefined): void {
      const key = nameOf(scaler);
      const before = running.get(key);
      if (before && round.written === undefined) return;
      const mine = (before ?? Promise.resolve())
        .then(() => write(scaler, round, conflict))
        .catch((error: unknown) => log.warn({ err: error, scaler: key }, 'a status or an Event could not be written'))
        .finally(() => running.get(key) === mine && running.delete(key));
      running.set(key, mine);
    },
    /** Another process writes from now on: what was written here is no longer what is there. */
    forget: () => written.clear(),
    /** Nothing is kept of LagScalers that are gone. */
    keepOnly(isThere: (name: string) => boolean): void {
      for (const name of written.keys()) if (!isThere(name)) written.delete(name);
    },
    /** Resolves when what is under way has ended. */
    async close() {
      await Promise.all(running.values());
    },
  };
}

/**
 * Refused where another LagScaler has taken the name since the list, which is as harmless as one that is gone. The uid in the
 * `metadata` of a merge patch would not do: of a patch of a custom resource's status the API server reads nothing but the status.
 */
function patchOf(uid: string, status: LagScalerStatus) {
  return [
    { op: 'test', path: '/metadata/uid', value: uid },
    { op: 'add', path: '/status', value: stored(status) },
  ];
}

/** As the API server keeps it: without the members that are not known. */
function stored(status: LagScalerStatus | undefined): unknown {
  return status && JSON.parse(JSON.stringify(status, (_, value) => value ?? undefined));
}

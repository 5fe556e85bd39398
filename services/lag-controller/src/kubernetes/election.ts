import { setTimeout as sleep } from 'node:timers/promises';
import { type V1Lease, type V1LeaseSpec, V1MicroTime } from '@kubernetes/client-node';
import { isDomainError } from '@shop/shared/errors';
import type { Logger } from '@shop/shared/log';
import { type Api, answerOf } from './api.ts';

/**
 * A lease is valid for `leaseMs` after its last renewal, its holder stops acting `renewDeadlineMs` after the start of the
 * last renewal that succeeded, all try every `retryMs`. A dead holder is noticed at most `retryMs + leaseMs` after it died.
 * What lies between the deadline and the lease's end is as long as a call may take: a write begun in time is given up by then.
 * Why these are shorter than Kubernetes' own: docs/decisions/0007.
 */
export const leaseTimes = { leaseMs: 11_000, renewDeadlineMs: 8_000, retryMs: 2_000 };

export interface ElectionOptions {
  readonly api: Pick<Api, 'coordination'>;
  readonly namespace: string;
  readonly name: string;
  /** Of this process: unique among replicas and restarts. */
  readonly identity: string;
  readonly log: Logger;
  readonly times?: typeof leaseTimes;
  readonly clock?: Clock;
}

export interface Clock {
  /** Monotonic: the wall clock may jump. */
  readonly nowMs: () => number;
  /** The wall clock, which goes on while a machine is suspended. */
  readonly wallMs: () => number;
  /** Resolves after `ms`, or as soon as `signal` aborts. */
  readonly pause: (ms: number, signal: AbortSignal) => Promise<void>;
}

export interface Election {
  /**
   * True while the lease is certainly ours. Ask right before each write: in a process that slept (SIGSTOP, a paused
   * machine) the deadline has passed when it wakes, before any timer could have noticed.
   */
  mayWrite(): boolean;
  /** Gives the lease back, so that another need not wait for it to run out. */
  stop(): Promise<void>;
}

/**
 * One writer among several processes, by a Lease that is only ever changed by compare-and-swap on its `resourceVersion`.
 * Clocks of different machines are never compared: another's lease has run out when it has not changed for as long as it is
 * valid, watched on this process's own monotonic clock.
 */
export function startElection(options: ElectionOptions): Election {
  const { identity, log, times = leaseTimes, clock = realClock } = options;
  const { nowMs: clockMs, pause } = clock;
  const store = leaseStore(options);
  const stopping = new AbortController();
  let lease: V1Lease | undefined;
  /** When the lease was first seen as it is now. */
  let seenAtMs = clockMs();
  /** Start of the last renewal that succeeded; absent while the lease is not ours. */
  let renewedAtMs: number | undefined;
  let renewedWallMs = 0;

  const remember = (now: V1Lease | undefined) => {
    if (now?.metadata?.resourceVersion !== lease?.metadata?.resourceVersion) seenAtMs = clockMs();
    lease = now;
  };
  /** Whichever clock says that time is up is believed. */
  const mayWrite = () =>
    renewedAtMs !== undefined &&
    clockMs() - renewedAtMs < times.renewDeadlineMs &&
    clock.wallMs() - renewedWallMs < times.renewDeadlineMs;
  const lose = () => {
    if (renewedAtMs !== undefined) log.warn({ identity, holder: lease?.spec?.holderIdentity }, 'the lease was lost');
    renewedAtMs = undefined;
  };
  const isOthers = () => Boolean(lease?.spec?.holderIdentity) && lease?.spec?.holderIdentity !== identity;
  const runsOutAtMs = () => seenAtMs + (lease?.spec?.leaseDurationSeconds ?? 0) * 1000;

  const attempt = async () => {
    const found = await store.read();
    // A lease that somebody deleted is its holder's all the same, who finds out at the next renewal.
    if (found === undefined && isOthers() && clockMs() < runsOutAtMs()) return;
    remember(found);
    if (isOthers()) {
      lose();
      if (clockMs() < runsOutAtMs()) return;
    }
    const [startedAtMs, startedWallMs] = [clockMs(), clock.wallMs()];
    remember(await store.write(lease, claim(lease?.spec, identity, times.leaseMs)));
    if (renewedAtMs === undefined) log.info({ identity }, 'the lease is held');
    // From before the request: the server's answer may have been long on its way.
    [renewedAtMs, renewedWallMs] = [startedAtMs, startedWallMs];
  };

  const run = async () => {
    while (!stopping.signal.aborted) {
      await attempt().catch((error: unknown) => {
        // `stale`: another process was faster, which the next reading shows.
        if (!isDomainError(error, 'stale')) log.warn({ err: error }, 'the lease could not be read or written');
      });
      if (!mayWrite()) lose();
      const untilRunOutMs = Math.max(0, runsOutAtMs() - clockMs());
      await pause(isOthers() ? Math.min(times.retryMs, untilRunOutMs + 1) : times.retryMs, stopping.signal);
    }
  };
  const running = run();

  return {
    mayWrite,
    async stop() {
      stopping.abort();
      await running;
      const wasOurs = mayWrite();
      renewedAtMs = undefined;
      if (!wasOurs || lease === undefined) return;
      await store
        .write(lease, { ...lease.spec, holderIdentity: '', leaseDurationSeconds: 1 })
        .catch((error: unknown) => log.warn({ err: error }, 'the lease was not given back, it runs out'));
    },
  };
}

function claim(before: V1LeaseSpec | undefined, identity: string, leaseMs: number): V1LeaseSpec {
  const isOurs = before?.holderIdentity === identity;
  const at = new V1MicroTime();
  return {
    holderIdentity: identity,
    leaseDurationSeconds: leaseMs / 1000,
    acquireTime: (isOurs && before.acquireTime) || at,
    renewTime: at,
    leaseTransitions: (before?.leaseTransitions ?? 0) + (isOurs || before === undefined ? 0 : 1),
  };
}

function leaseStore({ api: { coordination }, namespace, name }: ElectionOptions) {
  return {
    async read(): Promise<V1Lease | undefined> {
      try {
        return await answerOf(`lease ${name}`, coordination.readNamespacedLease({ name, namespace }));
      } catch (error) {
        if (isDomainError(error, 'not-found')) return undefined;
        throw error;
      }
    },
    /** @throws DomainError `stale` when it is no longer as `before` */
    async write(before: V1Lease | undefined, spec: V1LeaseSpec): Promise<V1Lease> {
      const metadata = before?.metadata ?? { name, namespace };
      const call = before
        ? coordination.replaceNamespacedLease({ name, namespace, body: { metadata, spec } })
        : coordination.createNamespacedLease({ namespace, body: { metadata, spec } });
      return await answerOf(`lease ${name}`, call);
    },
  };
}

const realClock: Clock = {
  nowMs: () => performance.now(),
  wallMs: () => Date.now(),
  pause: (ms, signal) => sleep(ms, undefined, { signal }).catch(() => {}),
};

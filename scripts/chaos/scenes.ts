/** What can be done to the shop while orders are placed. */
import { setTimeout as sleep } from 'node:timers/promises';
import { seededRandom } from '../../services/shared/src/seeded-random.ts';
import type { Progress } from '../command-line/progress.ts';
import type { Callers, Counts } from './callers.ts';
import type { CrashPoint } from './crash-points.ts';
import { type FaultKind, planFaults } from './fault-plan.ts';
import { Injector } from './injector.ts';
import { type Crashes, crashEverywhere } from './matrix.ts';
import type { RunOptions, Scene } from './run.ts';

/** A scene, and the setting that it needs. */
export interface Play extends Pick<RunOptions, 'replicas' | 'outage' | 'provider'> {
  readonly scene: Scene;
}

const noteEveryMs = 2_000;
const quietMs = 2_000;

function countsText({ placed, accepted }: Counts): string {
  return `${placed} placed, ${accepted} accepted`;
}

/** As a real provider is: not at once, now and then not at all, and now and then without telling that it did it. */
const realProvider = {
  latencyMs: 20,
  jitterMs: 60,
  declineRate: 0.05,
  faults: [
    { kind: 'lost-answer', rate: 0.02 },
    { kind: 'error-503', rate: 0.02 },
  ],
};

export interface RandomFaults {
  readonly seed: number;
  readonly orders: number;
  readonly perSecond: number;
  readonly kills: number;
  readonly kinds: readonly FaultKind[];
}

/** Faults at random while a number of orders is placed. */
export function randomFaults({ seed, orders, perSecond, kills, kinds }: RandomFaults, progress: Progress): Play {
  const plan = planFaults({
    random: seededRandom(seed),
    kills,
    kinds,
    durationMs: (orders / perSecond) * 1_000,
  });
  return {
    replicas: { orders: 2, payments: 6, notifications: 2 },
    provider: realProvider,
    scene: ({ shop, callers, record }) =>
      progress.step(`${orders} orders at ${perSecond}/s, ${kills} kills, seed ${seed}`, async (step) => {
        const injector = new Injector(shop, record);
        const timer = setInterval(
          () => step.note(`${countsText(callers.counts)}, ${injector.count} faults`),
          noteEveryMs,
        );
        const faults = sleep(quietMs).then(() => injector.run(plan));
        await Promise.all([callers.run(orders, perSecond), faults]).finally(() => clearInterval(timer));
      }),
  };
}

/** Orders at a steady rate until `work` is done, and for a while after it. */
async function whilePlacing(callers: Callers, perSecond: number, work: () => Promise<void>): Promise<void> {
  const done = new AbortController();
  const placing = callers.run(Number.POSITIVE_INFINITY, perSecond, done.signal);
  await sleep(quietMs);
  await work().finally(() => done.abort());
  await placing;
}

const matrixPerSecond = 2;
/** So long at least orders are placed, where there is little to wait for. */
const matrixMs = 8_000;

interface MovedLeaders {
  readonly perSecond: number;
  /** How often a broker is frozen, in turns. */
  readonly times: number;
}

/** Between a broker's session of 3 s, after which others lead, and the 5 s after which a send to it is given up. */
const shortFreezeMs = 4_500;
/** Until a broker that is back leads again what it led. */
const leadersReturnMs = 6_000;

/** Brokers are frozen so long that others lead when they come back to what was meant for them. */
export function movedLeaders({ perSecond, times }: MovedLeaders, progress: Progress): Play {
  return {
    replicas: { orders: 2, payments: 1, notifications: 1 },
    provider: realProvider,
    scene: ({ shop, callers, record }) =>
      progress.step(`A broker is frozen, ${times} times`, () =>
        whilePlacing(callers, perSecond, async () => {
          for (let time = 0; time < times; time += 1) {
            const broker = shop.brokers[time % shop.brokers.length] as string;
            record({ kind: 'fault', fault: 'broker-freeze', target: broker });
            await shop.freeze(broker, shortFreezeMs);
            await sleep(leadersReturnMs);
          }
        }),
      ),
  };
}

interface Matrix {
  readonly points: readonly CrashPoint[];
  /** How often at each point. */
  readonly times: number;
  /** More of how the provider behaves, which is so slow that cancels overtake payments: refunds come from that. */
  readonly provider?: object | undefined;
}

/** A crash at each named point. */
export function crashMatrix(
  { points, times, provider }: Matrix,
  progress: Progress,
  onEnd: (crashes: Crashes) => void,
): Play {
  return {
    replicas: { orders: 1, payments: 1, notifications: 1 },
    provider: { latencyMs: 300, jitterMs: 300, declineRate: 0.05, ...provider },
    scene: ({ shop, callers, record }) =>
      progress.step(`A crash at each of ${points.length} points, ${times} times`, (step) =>
        whilePlacing(callers, matrixPerSecond, async () => {
          const onCrash = (crashes: Crashes) => {
            const made = [...crashes.values()].reduce((sum, count) => sum + count, 0);
            step.note(`${made} of ${times * crashes.size} crashes, ${countsText(callers.counts)}`);
          };
          const all = crashEverywhere(shop, record, { points, times, onCrash });
          const [crashes] = await Promise.all([all, sleep(matrixMs)]);
          onEnd(crashes);
        }),
      ),
  };
}

/** Kafka, all of it, or the database is away for `awayMs`, while orders go on being placed. */
export function outage(of: 'kafka' | 'database', awayMs: number, perSecond: number, progress: Progress): Play {
  const server = of === 'kafka' ? 'Kafka' : 'MongoDB';
  return {
    replicas: { orders: 2, payments: 2, notifications: 1 },
    outage: of,
    provider: { latencyMs: 20, jitterMs: 60 },
    scene: ({ shop, callers, record }) =>
      progress.step(`${server} is away for ${awayMs / 1_000} s, ${perSecond} orders/s`, async (step) => {
        const timer = setInterval(() => step.note(countsText(callers.counts)), noteEveryMs);
        await whilePlacing(callers, perSecond, async () => {
          record({ kind: 'fault', fault: 'outage', target: server });
          const servers = of === 'kafka' ? shop.brokers : [server];
          await Promise.all(servers.map((each) => shop.restart(each, awayMs)));
          record({ kind: 'fault', fault: 'outage is over', target: server });
          await sleep(quietMs);
        }).finally(() => clearInterval(timer));
      }),
  };
}

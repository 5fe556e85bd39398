/** Kills a process exactly at each of some crash points, and again, while orders are placed. */
import { setTimeout as sleep } from 'node:timers/promises';
import { type CrashPoint, isAt } from './crash-points.ts';
import type { Recorder } from './history-file.ts';
import type { Replica } from './replicas.ts';
import type { Shop } from './shop.ts';
import type { Passage } from './wire/passage.ts';

/** How often each point was reached, and the process killed there. */
export type Crashes = ReadonlyMap<string, number>;

/** Long enough for a session to end, the group to be joined again, and an order to come by. */
const patienceMs = 120_000;

export async function crashEverywhere(
  shop: Shop,
  record: Recorder,
  { points, times, onCrash }: { points: readonly CrashPoint[]; times: number; onCrash: (crashes: Crashes) => void },
): Promise<Crashes> {
  const crashes = new Map<string, number>(points.map(({ name }) => [name, 0]));
  const crashAll = async (victim: Replica) => {
    const ours = points.filter(({ service }) => service === victim.service);
    for (const point of Array.from({ length: times }, () => ours).flat()) {
      if (!(await crashAt(shop, victim, point))) continue;
      crashes.set(point.name, (crashes.get(point.name) ?? 0) + 1);
      record({ kind: 'fault', fault: 'crash', target: point.name });
      onCrash(crashes);
    }
  };
  const victims = [shop.orders, shop.payments, shop.notifications].flatMap((replicas) => replicas.slice(0, 1));
  await Promise.all(victims.map((victim) => crashAll(victim)));
  return crashes;
}

/** False where nothing came by the point in time. */
async function crashAt(shop: Shop, victim: Replica, point: CrashPoint): Promise<boolean> {
  const links = victim.links[point.link];
  if (!links) throw new Error(`${victim.name} has no link to ${point.link}`);
  while (shop.pid(victim.name) === undefined) await sleep(50);
  const pid = shop.pid(victim.name);
  // In the same turn in which the message was read: nothing of it, and nothing after it, is handed on.
  const isCrash = (passage: Passage) => isAt(point, passage) && shop.signal(victim.name, 'SIGKILL');
  const crashed = links.map((link) => link.loseNext(isCrash).then(() => true));
  const outcome = await Promise.race([...crashed, sleep(patienceMs, false)]);
  for (const link of links) link.loseNothing();
  while (outcome && shop.pid(victim.name) === pid) await sleep(50);
  return outcome;
}

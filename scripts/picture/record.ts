import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import type { Timeline } from '../../services/lag-controller/src/reporting/timeline.ts';
import { SetupError } from '../embedded/setup-error.ts';
import { call } from '../load/shop-api.ts';
import type { OrderSeen, Recording, RoundSeen } from './recording.ts';

const timeoutMs = 10_000;
const leadSeconds = 20;
/** Replicas go slowly, the last of them minutes after the burst. */
const calmTimeoutMs = 600_000;

interface Options {
  readonly ordersUrl: string;
  readonly lagControllerUrl: string;
  readonly orders: number;
  readonly rate: number;
}

/**
 * Places a burst at the shop that runs, by the load command, and waits until its replicas are as few as before.
 * @throws SetupError when the shop does not answer, or the load command finds something wrong
 */
export async function recordBurst({ ordersUrl, lagControllerUrl, orders, rate }: Options): Promise<Recording> {
  const timeline = async () => {
    const path = `${lagControllerUrl}/v1/scalers/payments/history`;
    const { status, body } = await call('GET', path, { timeoutMs }).catch((error: Error) => {
      throw new SetupError(`The lag controller does not answer (${error.message}): is \`npm start\` running?`);
    });
    if (status !== 200) throw new SetupError('The lag controller has no rounds yet: wait until the shop is up.');
    return body as Timeline;
  };
  await timeline();
  const startMs = Date.now();
  await runLoad(orders, rate);
  const calmBy = Date.now() + calmTimeoutMs;
  for (;;) {
    const { points, minReplicas } = await timeline();
    const last = points.at(-1);
    if ((last?.current === minReplicas && last.backlog === 0) || Date.now() > calmBy) break;
    await sleep(2_000);
  }
  const { points, lagSeconds } = await timeline();
  const seconds = (atMs: number) => Math.round((atMs - startMs) / 10) / 100;
  return {
    burst: { orders, rate, lagSeconds, partitions: points.at(-1)?.partitions ?? 0 },
    rounds: points
      .filter(({ atMs }) => atMs >= startMs - leadSeconds * 1_000)
      .map((point) => roundSeen(point, seconds(point.atMs))),
    orders: await decidedSince(ordersUrl, startMs, seconds),
  };
}

async function runLoad(orders: number, rate: number): Promise<void> {
  const script = join(import.meta.dirname, '../load.ts');
  const child = spawn(process.execPath, [script, '--orders', `${orders}`, '--rate', `${rate}`], { stdio: 'inherit' });
  const [status] = await once(child, 'exit');
  if (status !== 0) throw new SetupError('The load did not end well, so there is nothing to record.');
}

function roundSeen(point: Timeline['points'][number], at: number): RoundSeen {
  const { backlog, ageSeconds, arrivalRate, consumptionRate, desired, current } = point;
  const values = { backlog, ageSeconds, arrivalRate, consumptionRate, desired, current };
  const known = Object.entries(values).filter(([, value]) => value !== undefined) as [string, number][];
  return { at, ...Object.fromEntries(known.map(([name, value]) => [name, Math.round(value * 100) / 100])) };
}

interface OrderPage {
  readonly items: readonly { readonly createdAt: string; readonly updatedAt: string; readonly status: string }[];
  readonly next: string | null;
}

/** Newest first, as orders lists them. */
async function decidedSince(ordersUrl: string, startMs: number, seconds: (atMs: number) => number) {
  const seen: OrderSeen[] = [];
  for (let after = ''; ; ) {
    const query = `limit=100${after && `&after=${after}`}`;
    const { body } = await call('GET', `${ordersUrl}/v1/orders?${query}`, { timeoutMs });
    const { items, next } = body as OrderPage;
    for (const { createdAt, updatedAt, status } of items) {
      if (Date.parse(createdAt) < startMs) return seen.reverse();
      if (status !== 'PENDENTE')
        seen.push({ placed: seconds(Date.parse(createdAt)), decided: seconds(Date.parse(updatedAt)) });
    }
    if (next === null) return seen.reverse();
    after = next;
  }
}

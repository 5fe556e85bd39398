import { formatStatus } from '../../services/shared/src/contracts/order-status.ts';
import { formatLatency } from '../command-line/duration.ts';
import type { Progress } from '../command-line/progress.ts';
import { create, createSample, type OrderState, readOrder, type SampleOrder, type ShopUrls } from '../load/shop-api.ts';

const decisionTimeoutMs = 30_000;

export interface WalkThrough {
  readonly order: SampleOrder;
  readonly orderId: string;
  /** False if it was not decided within half a minute. */
  readonly decided: boolean;
}

/** Places one order as a customer would, and shows it from its acceptance to its decision. */
export async function walkThrough(urls: ShopUrls, progress: Progress, clock: () => Date): Promise<WalkThrough> {
  const order = await progress.step('Sample client and product', () => createSample(urls, 1_000));
  const placedAt = clock();
  const orderId = await progress.step(
    'Sample order',
    () => create(`${urls.orders}/v1/orders`, order),
    (id) => `Order ${id}`,
  );
  progress.say(`    ${timeOfDay(clock())}  ${formatStatus('pending')}`);
  const state = await progress.step(
    'Waiting for its payment',
    () => decision(urls.orders, orderId, placedAt.getTime() + decisionTimeoutMs, clock),
    ({ word, decided }) => (decided ? `${formatStatus('pending')} → ${word}` : 'Not decided in time'),
  );
  if (state.decided) {
    const took = formatLatency(clock().getTime() - placedAt.getTime());
    progress.say(`    ${timeOfDay(clock())}  ${state.word}, ${took} after it was placed`);
  }
  return { order, orderId, decided: state.decided };
}

async function decision(orders: string, id: string, deadline: number, clock: () => Date): Promise<OrderState> {
  for (;;) {
    const state = await readOrder(orders, id, 5);
    if (state.decided || clock().getTime() > deadline) return state;
  }
}

/** 12:03:09.120 */
function timeOfDay(date: Date): string {
  const pad = (value: number, digits = 2) => String(value).padStart(digits, '0');
  return `${pad(date.getHours())}:${pad(date.getMinutes())}:${pad(date.getSeconds())}.${pad(date.getMilliseconds(), 3)}`;
}

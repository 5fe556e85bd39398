import { formatStatus, statusWords } from '@shop/shared/contracts/order-status';
import { counter, histogram, type Registry } from '@shop/shared/metrics';
import { isDecided, type Order } from './order.ts';

export interface OrderMetrics {
  readonly placed: (replayed: boolean) => void;
  readonly decided: (order: Order) => void;
}

/** Intake and outcome, as the business counts them. */
export function orderMetrics(registry: Registry): OrderMetrics {
  const placed = counter(
    registry,
    'orders_placed_total',
    'Orders accepted; replayed: the answer to a repeated request',
    ['replayed'],
  );
  const decided = counter(registry, 'orders_decided_total', 'Orders decided, by their final status', ['status']);
  const seconds = histogram(registry, 'order_decision_seconds', 'From the acceptance of an order to its decision');
  for (const status of statusWords.slice(1)) decided.inc({ status }, 0);
  for (const replayed of [true, false]) placed.inc({ replayed: String(replayed) }, 0);
  return {
    placed: (replayed) => placed.inc({ replayed: String(replayed) }),
    decided(order) {
      if (!isDecided(order)) return;
      decided.inc({ status: formatStatus(order.status) });
      seconds.observe((order.updatedAt.getTime() - order.createdAt.getTime()) / 1_000);
    },
  };
}

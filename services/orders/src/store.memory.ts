import { cutPage } from '@shop/shared/keyset';
import { memoryOutbox } from '@shop/shared/outbox/memory-outbox';
import type { OutboxStore } from '@shop/shared/outbox/outbox';
import { isDecided, type Order } from './order.ts';
import type { OrderEntry } from './order-event.ts';
import type { Idempotency, OrderStore } from './ports.ts';

/** The twin of the MongoDB store for tests without I/O; both pass the same contract suite. */
export function memoryOrderStore(): { store: OrderStore; outbox: OutboxStore<OrderEntry> } {
  const orders = new Map<string, { order: Order; idempotency: Idempotency | undefined }>();
  const outbox = memoryOutbox<OrderEntry>();
  const all = () => [...orders.values()];

  const store: OrderStore = {
    async insert(order, entry, { terms, idempotency }) {
      if (idempotency && all().some((other) => other.idempotency?.key === idempotency.key)) return 'key-taken';
      orders.set(order.id, { order, idempotency });
      return outbox.add(order.id, entry, order.createdAt, terms);
    },
    async find(id) {
      return orders.get(id)?.order;
    },
    async findByKey(key) {
      const found = all().find(({ idempotency }) => idempotency?.key === key);
      return found?.idempotency && { order: found.order, fingerprint: found.idempotency.fingerprint };
    },
    async page({ limit, after, status, clientId }) {
      const found = all()
        .map(({ order }) => order)
        .filter((order) => !after || order.id < after)
        .filter((order) => !status || order.status === status)
        .filter((order) => !clientId || order.clientId === clientId)
        .sort((a, b) => b.id.localeCompare(a.id));
      return cutPage(found.slice(0, limit + 1), limit);
    },
    async change(id, decide, terms, now) {
      const stored = orders.get(id);
      if (!stored) return undefined;
      const change = decide(stored.order);
      if (!change) return { order: stored.order, changed: false, claim: undefined };
      orders.set(id, { ...stored, order: change.order });
      return { order: change.order, changed: true, claim: outbox.add(id, change.entry, now, terms) };
    },
    async decided(ids) {
      return ids.filter((id) => {
        const order = orders.get(id)?.order;
        return order && isDecided(order);
      });
    },
  };
  return { store, outbox };
}

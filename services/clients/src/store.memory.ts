import { cutPage } from '@shop/shared/keyset';
import type { Client } from './client.ts';
import type { ClientStore } from './store.ts';

/** The twin of the MongoDB store, for tests without one; passes the same contract. */
export function memoryClientStore(): ClientStore {
  const clients = new Map<string, Client>();
  return {
    async insert(client) {
      if (clients.has(client.id)) throw new Error(`duplicate id ${client.id}`);
      clients.set(client.id, client);
    },
    async find(id) {
      return clients.get(id);
    },
    async page({ limit, after }) {
      const below = [...clients.values()].filter(({ id }) => after === undefined || id < after);
      return cutPage(
        below.sort((one, other) => (one.id < other.id ? 1 : -1)),
        limit,
      );
    },
  };
}

import { memoryOutbox } from './memory-outbox.ts';
import { outboxContract } from './outbox.contract.ts';

outboxContract('the memory twin', async () => {
  const outbox = memoryOutbox();
  return { store: outbox, add: async (id, seq, now, terms) => outbox.add(id, { seq }, now, terms) };
});

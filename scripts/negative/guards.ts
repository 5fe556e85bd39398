/** A guard of the delivery rules, how to take it out, and the test that must notice. */
export interface Guard {
  readonly name: string;
  readonly file: string;
  /** Stands in the file exactly once. */
  readonly code: string;
  /** What the code becomes: still valid, but without the guard. */
  readonly without: string;
  readonly test: { readonly file: string; readonly title: string };
}

const contiguousCommit = {
  file: 'services/shared/src/messaging/offset-tracker.ts',
  code: '    if (!this.#unfinished.delete(offset)) return;\n',
  without:
    '    if (!this.#unfinished.delete(offset)) return;\n    if (offset + 1n > (this.#committable ?? 0n)) this.#committable = offset + 1n;\n',
};

export const guards: readonly Guard[] = [
  {
    name: 'outbox: the event is stored with the order',
    file: 'services/orders/src/store.ts',
    code: '          ...outbox,\n        });',
    without:
      '          ...outbox,\n          outbox: [],\n          lease: { owner: "", until: new Date(0), epoch: 1 },\n        });',
    test: {
      file: 'services/orders/src/store.int.test.ts',
      title: 'writes the event with the order, leased to the writer if it asks',
    },
  },
  {
    name: 'outbox: status and event are one write',
    file: 'services/shared/src/outbox/mongo-outbox.ts',
    code: '      $push: { outbox: entry },\n',
    without: '',
    test: {
      file: 'services/shared/src/outbox/mongo-outbox.int.test.ts',
      title: 'settles one entry at a time, the oldest',
    },
  },
  {
    name: 'outbox: an attempt to send is one of ours, with all records, and none of the client',
    file: 'services/shared/src/kafka/connect.ts',
    code: '      retry: { retries: 0 },\n',
    without: '',
    test: {
      file: 'services/shared/src/kafka/leader-change.int.test.ts',
      title: 'writes what is for it as well, though the other broker has answered for its own',
    },
  },
  {
    name: 'inbox: the insert of the payment tells a second delivery from a first',
    file: 'services/payments/src/store.ts',
    code: 'return fromDocument(await mustRead(payment.orderId));\n      }\n    },\n\n    async find',
    without: 'return undefined;\n      }\n    },\n\n    async find',
    test: { file: 'services/payments/src/store.int.test.ts', title: 'a second delivery charges nobody' },
  },
  {
    name: 'lease fence: a settlement counts only under the epoch of its claim',
    file: 'services/shared/src/outbox/mongo-outbox.ts',
    code: "filter: { _id: { $in: ids }, 'lease.epoch': epoch, version },",
    without: 'filter: { _id: { $in: ids }, version },',
    test: {
      file: 'services/shared/src/outbox/mongo-outbox.int.test.ts',
      title: 'ignores a settlement and a release whose lease was taken over',
    },
  },
  {
    name: 'lease fence: of two relays that claim at once, one wins',
    file: 'services/shared/src/outbox/mongo-outbox.ts',
    code: "filter: { _id, 'lease.epoch': lease.epoch, outboxSince: { $exists: true } },",
    without: 'filter: { _id, outboxSince: { $exists: true } },',
    test: {
      file: 'services/shared/src/outbox/mongo-outbox.int.test.ts',
      title: 'lets one of many win when they claim at the same moment',
    },
  },
  {
    name: 'lease: what its holder has settled meanwhile is not claimed',
    file: 'services/shared/src/outbox/mongo-outbox.ts',
    code: 'lease.epoch, outboxSince: { $exists: true } },',
    without: 'lease.epoch },',
    test: {
      file: 'services/shared/src/outbox/mongo-outbox.int.test.ts',
      title: 'claims nothing of a document whose holder settles it between the reading and the claiming',
    },
  },
  {
    name: 'lease: nothing is sent that could outlast its lease',
    file: 'services/shared/src/outbox/relay.ts',
    code: 'return until.getTime() - clock().getTime() >= deliverTimeoutMs + clockSkewMs(this.#options);',
    without: 'return until.getTime() > 0;',
    test: {
      file: 'services/shared/src/outbox/relay.test.ts',
      title: 'loses nothing and lets no entry overtake another, however relays interleave, fail and run out of time',
    },
  },
  {
    name: 'contiguous commit: no offset is committed past an unfinished message',
    ...contiguousCommit,
    test: {
      file: 'services/shared/src/messaging/consume.int.test.ts',
      title: 'commits only what is finished without a gap, and the next member starts at the first unfinished message',
    },
  },
  {
    name: 'contiguous commit: so it is in any order of rebalances and late batches',
    ...contiguousCommit,
    test: {
      file: 'services/shared/src/messaging/consume.test.ts',
      title:
        'commits nothing unfinished, finishes everything and keeps every order, whatever rebalances and late batches do',
    },
  },
  {
    name: 'consumer: a join that failed is the end of it',
    file: 'services/shared/src/kafka/kafkajs-repairs.ts',
    code: '    throw Object.assign(error, { retriable: false });\n',
    without: '    throw error;\n',
    test: {
      file: 'services/shared/src/kafka/kafkajs-repairs.test.ts',
      title: 'is the end of the consumer, which would go on and commit to the coordinator before for ever',
    },
  },
];

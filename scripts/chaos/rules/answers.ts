import type { Evidence, Exchange } from '../evidence.ts';
import { isDecided, type Rule } from './rule.ts';

const placed = ({ exchanges }: Evidence) => exchanges.filter(({ call }) => call.what === 'place');
const accepted = (evidence: Evidence) => placed(evidence).filter(({ answer }) => answer?.status === 201);

function lostFault({ orders }: Evidence, { call, answer }: Exchange): string[] {
  const id = answer?.orderId ?? '';
  const order = orders.get(id);
  if (!order) return [`${id} was accepted and is gone`];
  if (order.totalCents === call.totalCents) return [];
  return [`${id} was accepted over ${call.totalCents} cents and is stored over ${order.totalCents}`];
}

export const noneLost: Rule = {
  promise: 'an accepted order is never lost',
  faults: (evidence) => accepted(evidence).flatMap((exchange) => lostFault(evidence, exchange)),
};

export const noneDoubled: Rule = {
  promise: 'a request that is repeated under its key is one order',
  faults(evidence) {
    const ids = Map.groupBy(
      [
        ...accepted(evidence).map(({ call, answer }) => ({ key: call.key, id: answer?.orderId })),
        ...[...evidence.orders.values()].map(({ key, id }) => ({ key, id })),
      ],
      ({ key }) => key,
    );
    const requests = placed(evidence);
    const haveKeys = requests.length > 0 && requests.every(({ call }) => call.key !== undefined);
    // Whoever repeats the request does not find an order that lost its key.
    const keyless = [...evidence.orders.values()].filter(({ key }) => haveKeys && key === undefined);
    return [
      ...[...ids]
        .map(([key, found]) => ({ key, count: new Set(found.map(({ id }) => id)).size }))
        .filter(({ key, count }) => key !== undefined && count > 1)
        .map(({ key, count }) => `the key ${key} has ${count} orders`),
      ...keyless.map(({ id }) => `${id} is stored without the key of its request`),
    ];
  },
};

export const allDecided: Rule = {
  promise: 'every order is decided, once',
  faults: ({ orders }) =>
    [...orders.values()]
      .filter(({ status, version }) => !isDecided(status) || version !== 2)
      .map(({ id, status, version }) => `${id} is ${status} in version ${version}`),
};

/** The status that an answer says the order has for good; `undefined` where it says none. */
function finalWord({ call, answer }: Exchange): string | undefined {
  if (call.what === 'cancel') return answer?.status === 200 ? 'CANCELADO' : undefined;
  return isDecided(answer?.word) ? answer?.word : undefined;
}

export const noneTakenBack: Rule = {
  promise: 'what an answer said is not taken back',
  faults: ({ exchanges, orders }) =>
    exchanges.flatMap((exchange) => {
      const { call, answer } = exchange;
      const id = call.orderId ?? answer?.orderId ?? '';
      const status = orders.get(id)?.status;
      const word = finalWord(exchange);
      if (word !== undefined && status !== word) return [`${id} was answered ${word} and is ${status}`];
      const refused = call.what === 'cancel' && answer?.status === 409;
      return refused && status === 'CANCELADO' ? [`${id} was not to be cancelled, and is ${status}`] : [];
    }),
};

export const noneRefused: Rule = {
  promise: 'no order is refused while Kafka is away',
  faults: (evidence) =>
    placed(evidence)
      .filter(({ answer }) => evidence.run.outage === 'kafka' && answer?.status !== 201)
      .map(({ call, answer }) => `the request ${call.call} was answered ${answer?.status ?? 'not at all'}`),
};

/** Of a request that came while the database was away: 503, and none that waits until the caller gives up. */
const plain = new Set([200, 201, 409, 503]);

export const outlived: Rule = {
  promise: 'an outage is answered plainly, and ends no process',
  faults: ({ run: { outage }, exchanges, ended }) =>
    outage === undefined
      ? []
      : [
          ...ended.map((name) => `${name} ended`),
          ...exchanges
            .filter(({ answer }) => !plain.has(answer?.status ?? 0))
            .map(({ call, answer }) => `${call.what} ${call.call} was answered ${answer?.status ?? 'not at all'}`),
        ],
};

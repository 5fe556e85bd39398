/** Guards of the delivery rules, how to take each out, and the promise that is broken then. */
import { type Guard, guards } from '../negative/guards.ts';

type Cut = Pick<Guard, 'file' | 'code' | 'without'>;

export interface Control extends Cut {
  readonly name: string;
  /** What hides that the guard is gone, and has to go with it. */
  readonly also?: Cut;
  /** What the checker must find. */
  readonly breaks: string;
  /** Names of crash points; orders are placed all the while. */
  readonly points: readonly string[];
  /** More of how the payment provider behaves. */
  readonly provider?: object;
  /** Instead of that: there are three brokers, and leaders move. */
  readonly areLeadersMoved?: boolean;
}

function known(name: string): Guard {
  const found = guards.find((guard) => guard.name === name);
  if (!found) throw new Error(`there is no guard «${name}»`);
  return found;
}

/** A provider that honours keys would hide that it was asked twice. */
const forgetful = { forgetKeys: true };
const chargedAndKilled = ['payments: charged, and it does not know'];

export const controls: readonly Control[] = [
  {
    ...known('outbox: the event is stored with the order'),
    breaks: 'every order is decided, once',
    points: ['orders: stored, and not answered'],
  },
  {
    ...known('outbox: status and event are one write'),
    breaks: 'every change is published, and nothing else',
    points: [],
  },
  {
    ...known('outbox: an attempt to send is one of ours, with all records, and none of the client'),
    // What goes out by itself after a failure has one broker, and nothing that another attempt could leave out.
    also: {
      file: 'services/orders/src/publish.ts',
      code: '    isApart = failed.some(({ places }) => places.length > 1) || (isApart && outage !== undefined);\n',
      without: '',
    },
    breaks: 'every change is published, and nothing else',
    points: [],
    areLeadersMoved: true,
  },
  {
    name: 'the key of a request is stored with its order',
    file: 'services/orders/src/store.ts',
    code: '          ...(idempotency && { idempotency }),\n',
    without: '',
    breaks: 'a request that is repeated under its key is one order',
    points: ['orders: stored, and not answered'],
  },
  {
    name: 'a decision is final',
    file: 'services/orders/src/order.ts',
    code: 'if (!reachable[order.status].includes(to))',
    without: "if (to === 'pending')",
    breaks: 'what an answer said is not taken back',
    points: [],
  },
  {
    ...known('inbox: the insert of the payment tells a second delivery from a first'),
    breaks: 'an order is charged at most once, and refunded at most once',
    points: chargedAndKilled,
    provider: forgetful,
  },
  {
    name: 'an unfinished payment asks the provider before it charges',
    file: 'services/payments/src/process-order.ts',
    code: '(await provider.findCharge(payment.orderId, traceparent)) ?? ',
    without: '',
    breaks: 'an order is charged at most once, and refunded at most once',
    points: chargedAndKilled,
    provider: forgetful,
  },
  {
    ...known('contiguous commit: no offset is committed past an unfinished message'),
    breaks: 'no offset is committed past an unfinished message',
    points: [],
    // Now and then a charge takes long, and later ones of its partition are finished before it.
    provider: { faults: [{ kind: 'slow', ms: 3_500, rate: 0.3, on: ['charge'] }] },
  },
  {
    name: 'what orders refuses is refunded',
    file: 'services/payments/src/fulfil-duties.ts',
    code: "if (answer === 'accepted') return 'sent';",
    without: "if (answer !== undefined) return 'sent';",
    breaks: 'no cancelled or failed order stays charged',
    points: [],
  },
  {
    name: 'what is down is waited for',
    file: 'services/shared/src/messaging/failure-policy.ts',
    code: "  unavailable: 'outage',",
    without: "  unavailable: 'reject',",
    breaks: 'nothing is dead-lettered by an outage',
    points: [],
    provider: { faults: [{ kind: 'error-503', rate: 0.5, on: ['charge'] }] },
  },
  {
    name: 'who was told of a decision is not told again',
    file: 'services/notifications/src/notify-client.ts',
    code: "    if (begin.state === 'sent') return 'duplicate';\n",
    without: '',
    // The record says so again when its lease is prolonged just before the letter.
    also: {
      file: 'services/notifications/src/notify-client.ts',
      code: '      if (!(await store.renew(orderId, begin.attempt, until))) throw beingSent();\n',
      without: '',
    },
    breaks: 'every decision is notified once',
    points: ['notifications: noted as sent, and it does not know'],
  },
];

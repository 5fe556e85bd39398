/** A history, sorted by what the rules ask of it. */
import type {
  AnswerLine,
  CallLine,
  CommittedLine,
  EventLine,
  FinishedLine,
  HistoryLine,
  LedgerLine,
  LetterLine,
  NotificationLine,
  OrderLine,
  PaymentLine,
  PositionLine,
  RunLine,
} from './history.ts';

export interface Exchange {
  readonly call: CallLine;
  /** `undefined` where the run ended before. */
  readonly answer: AnswerLine | undefined;
}

export interface Evidence {
  readonly run: Omit<RunLine, 'kind'>;
  readonly exchanges: readonly Exchange[];
  readonly orders: ReadonlyMap<string, OrderLine>;
  readonly payments: readonly PaymentLine[];
  /** By order. */
  readonly ledger: ReadonlyMap<string, readonly LedgerLine[]>;
  /** By order. */
  readonly notifications: ReadonlyMap<string, readonly NotificationLine[]>;
  /** By order. */
  readonly letters: ReadonlyMap<string, readonly LetterLine[]>;
  /** By `ce_subject`, which is the order. */
  readonly events: ReadonlyMap<string, readonly EventLine[]>;
  readonly deadLetters: readonly EventLine[];
  readonly positions: readonly PositionLine[];
  /** Processes of the shop that ended by themselves or were killed. */
  readonly ended: readonly string[];
  /** In the order in which they were seen. */
  readonly progress: readonly (CommittedLine | FinishedLine)[];
}

const defaultRun: Evidence['run'] = { seed: 0, expectedDeadLetters: 0 };

export function evidenceOf(history: readonly HistoryLine[]): Evidence {
  const of = <K extends HistoryLine['kind']>(...kinds: K[]) =>
    history.filter(({ kind }) => (kinds as string[]).includes(kind)) as (HistoryLine & { readonly kind: K })[];
  const answers = new Map(of('answer').map((answer) => [answer.call, answer]));
  return {
    run: of('run')[0] ?? defaultRun,
    exchanges: of('call').map((call) => ({ call, answer: answers.get(call.call) })),
    orders: new Map(of('order').map((order) => [order.id, order])),
    payments: of('payment'),
    ledger: Map.groupBy(of('ledger'), ({ orderId }) => orderId),
    notifications: Map.groupBy(of('notification'), ({ orderId }) => orderId),
    letters: Map.groupBy(of('letter'), ({ orderId }) => orderId),
    events: Map.groupBy(of('event') as EventLine[], ({ headers }) => headers.ce_subject ?? ''),
    deadLetters: of('dead-letter') as EventLine[],
    positions: of('position'),
    ended: of('fault')
      .filter(({ fault }) => fault === 'ended')
      .map(({ target }) => target),
    progress: of('committed', 'finished'),
  };
}

import { beforeEach, describe, expect, it } from '@jest/globals';
import { DomainError } from '@shop/shared/errors';
import { createLog } from '@shop/shared/log';
import { type OutgoingTask, readParked, type Task, withoutParked } from './task.ts';
import { type TaskOutcome, workTaskWith } from './work-task.ts';

const orderId = '64b000000000000000000001';
const traceId = '0af7651916cd43dd8448eb211c80319c';
const event = {
  orderId,
  clientId: '64b0000000000000000000c1',
  clientName: 'João Silva',
  status: 'FALHA',
  total: 19.99,
  updatedAt: '2024-01-15T10:30:00.000Z',
};
const task: Task = {
  key: 'urgent',
  messageId: `${orderId}.2`,
  value: Buffer.from(JSON.stringify(event)),
  headers: { ce_id: `${orderId}.2`, ce_subject: orderId, traceparent: `00-${traceId}-b7ad6b7169203331-01` },
  failures: 0,
};

describe('a task', () => {
  let fault: Error | undefined;
  let parked: OutgoingTask[];
  let outcomes: TaskOutcome[];
  let isParkingPossible: boolean;
  let lines: string[];
  let waits: number[];
  let work: (task: Task) => Promise<'done' | 'retry'>;

  beforeEach(() => {
    fault = undefined;
    parked = [];
    outcomes = [];
    isParkingPossible = true;
    lines = [];
    waits = [];
    work = workTaskWith({
      lane: 'urgent',
      async notify() {
        if (fault) throw fault;
        return 'applied';
      },
      async publish(outgoing) {
        if (!isParkingPossible) throw new Error('away');
        parked.push(outgoing);
      },
      translate: () => undefined,
      onOutcome: (outcome) => outcomes.push(outcome),
      retryDelayMs: 10_000,
      async wait(ms) {
        waits.push(ms);
      },
      clock: () => new Date('2024-01-15T10:30:00.000Z'),
      log: createLog('test', { logLevel: 'info' }, { write: (line: string) => lines.push(line) }),
    });
  });

  it('is done when the client was told', async () => {
    expect(await work(task)).toBe('done');
    expect(outcomes).toEqual(['applied']);
  });

  it('comes again for as long as an outage takes', async () => {
    fault = new DomainError('unavailable', { code: 'smtp-unavailable', detail: 'silence' });
    expect(await work({ ...task, failures: 1_000 })).toBe('retry');
    expect(parked).toEqual([]);
    expect(outcomes).toEqual(['retried']);
  });

  it('is held for as long as the channel asks beyond the delay that it has anyhow', async () => {
    const unanswered = { code: 'letter-unanswered', detail: 'silence' };
    fault = new DomainError('unavailable', { ...unanswered, retryAfterSeconds: 60 });
    expect(await work(task)).toBe('retry');
    fault = new DomainError('unavailable', unanswered);
    expect(await work(task)).toBe('retry');
    fault = new DomainError('throttled', { code: 'webhook-unavailable', detail: 'later', retryAfterSeconds: 7_200 });
    expect(await work(task)).toBe('retry');
    expect(waits).toEqual([50_000, 0, 300_000]);
  });

  it('is parked with the reason, unchanged, when nobody can understand it', async () => {
    const value = Buffer.from('no JSON');
    expect(await work({ ...task, value })).toBe('done');
    expect(parked).toMatchObject([{ exchange: '', key: 'notifications.parked', messageId: task.messageId, value }]);
    expect(readParked(parked[0] as OutgoingTask)).toEqual({
      lane: 'urgent',
      code: 'malformed-json',
      reason: 'The value is not JSON in UTF-8.',
      at: '2024-01-15T10:30:00.000Z',
      attempts: '1',
    });
    expect(withoutParked(parked[0] as OutgoingTask)).toEqual(task.headers);
  });

  it('is parked at once when the channel refuses it for good', async () => {
    fault = new DomainError('unprocessable', { code: 'address-refused', detail: 'no such mailbox' });
    expect(await work(task)).toBe('done');
    expect(parked).toHaveLength(1);
  });

  it('is parked after five attempts that failed for an unknown reason, and its message is kept out of the reason', async () => {
    fault = new TypeError('joao@example.com');
    expect(await work({ ...task, failures: 3 })).toBe('retry');
    expect(await work({ ...task, failures: 4 })).toBe('done');
    expect(outcomes).toEqual(['retried', 'parked']);
    expect(JSON.stringify(parked[0]?.headers)).not.toContain('joao');
  });

  it('comes again when it could not be parked', async () => {
    isParkingPossible = false;
    expect(await work({ ...task, value: Buffer.from('no JSON') })).toBe('retry');
  });

  it('is found in the log by its order, its event and its trace, however it ends', async () => {
    const unreadable = { ...task, value: Buffer.from('no JSON') };
    await work(task);
    await work(unreadable);
    isParkingPossible = false;
    await work(unreadable);
    fault = new DomainError('unavailable', { code: 'smtp-unavailable', detail: 'silence' });
    await work(task);
    const told = lines.map((line) => JSON.parse(line));
    expect(told.map(({ msg }) => msg)).toEqual([
      'task handled',
      'task parked',
      'task could not be parked, it comes again',
      'task failed, it comes again',
    ]);
    for (const line of told) expect(line).toMatchObject({ orderId, ce_id: `${orderId}.2`, trace_id: traceId });
  });
});

import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import type { Answer } from '../../../scripts/testing/call.ts';
import type { ServiceProcess } from '../../../scripts/testing/service-process.ts';
import { fixtureTimeoutMs, OrdersFixture } from './orders-process.fixture.ts';

const { TEST_KAFKA_BROKERS: brokers = '', TEST_MONGODB_URI: mongodb = '' } = process.env;
let fixture: OrdersFixture;
let other: ServiceProcess;

beforeAll(async () => {
  fixture = await OrdersFixture.open({ brokers, mongodb });
  // The first never polls in time, so that only its own notice can wake who waits there.
  await fixture.start({ DECISION_POLL_MS: '10000' });
  other = await fixture.start({ DECISION_POLL_MS: '50' });
}, fixtureTimeoutMs);
afterAll(() => fixture?.close());

interface Timed {
  readonly answer: Answer;
  readonly afterMs: number;
}

/** Begins a wait. Resolves when requests that were made after it have been answered, so the wait is on by then. */
async function beginWait(id: string, seconds: number, orders = fixture.orders): Promise<{ ended: Promise<Timed> }> {
  const startedAt = performance.now();
  const ended = fixture
    .get(`/v1/orders/${id}?wait=${seconds}`, orders)
    .then((answer) => ({ answer, afterMs: performance.now() - startedAt }));
  for (let count = 0; count < 5; count += 1) await fixture.get(`/v1/orders/${id}`, orders);
  return { ended };
}

describe('waiting for an order', () => {
  it('ends as soon as another request decides it', async () => {
    const { id } = (await fixture.place()).body;
    const waits = await Promise.all([beginWait(id, 5), beginWait(id, 5)]);
    await fixture.change(id, 'PAGO');
    for (const { ended } of waits) {
      const { answer, afterMs } = await ended;
      expect([answer.status, answer.body.status, answer.headers.get('etag')]).toEqual([200, 'PAGO', '"v2"']);
      expect(afterMs).toBeLessThan(4_500);
    }
  }, 15_000);

  it('keeps nobody out however many wait, and answers at once who comes when as many wait as may', async () => {
    const narrow = await fixture.start({ DECISION_POLL_MS: '50', MAX_REQUESTS_IN_HAND: '2' });
    const { id } = (await fixture.place()).body;
    const waits = [await beginWait(id, 20, narrow), await beginWait(id, 20, narrow)];
    expect((await fixture.get(`/v1/orders/${id}`, narrow)).status).toBe(200);
    const late = await (await beginWait(id, 20, narrow)).ended;
    expect([late.answer.body.status, late.afterMs < 5_000]).toEqual(['PENDENTE', true]);
    expect(late.answer.headers.get('retry-after')).toBe('1');
    await fixture.change(id, 'PAGO');
    for (const { ended } of waits) expect((await ended).answer.body.status).toBe('PAGO');
  }, 30_000);

  it('ends soon when a second process decides it', async () => {
    const { id } = (await fixture.place()).body;
    const { ended } = await beginWait(id, 5, other);
    await fixture.change(id, 'CANCELADO');
    const { answer, afterMs } = await ended;
    expect(answer.body.status).toBe('CANCELADO');
    expect(afterMs).toBeLessThan(4_500);
  }, 15_000);

  it('ends at once for an order that is decided already, and for a wait of 0', async () => {
    const { id } = (await fixture.place()).body;
    expect((await (await beginWait(id, 0)).ended).afterMs).toBeLessThan(2_000);
    await fixture.change(id, 'FALHA');
    expect((await (await beginWait(id, 5)).ended).afterMs).toBeLessThan(2_000);
  }, 15_000);

  it('ends after its time when nobody decides, with the order as it is', async () => {
    const { id } = (await fixture.place()).body;
    const { answer, afterMs } = await (await beginWait(id, 1)).ended;
    expect([answer.status, answer.body.status]).toEqual([200, 'PENDENTE']);
    expect(afterMs).toBeGreaterThanOrEqual(950);
    expect(afterMs).toBeLessThan(4_000);
  }, 15_000);

  it('ends with an answer when the service is told to stop', async () => {
    const { id } = (await fixture.place()).body;
    const { ended } = await beginWait(id, 30, other);
    const exit = other.stop();
    const { answer, afterMs } = await ended;
    expect([answer.status, answer.body.status]).toEqual([200, 'PENDENTE']);
    expect(afterMs).toBeLessThan(10_000);
    expect(await exit).toEqual({ code: 0, signal: null });
  }, 30_000);
});

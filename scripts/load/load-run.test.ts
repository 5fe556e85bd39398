import { describe, expect, it } from '@jest/globals';
import { type Decision, type LoadPlan, newLoadState, type Placement, runLoad } from './load-run.ts';
import { summarize } from './load-summary.ts';

/** Time passes only where somebody sleeps, or a request takes some. */
function virtualTime() {
  let nowMs = 0;
  const sleepers: { atMs: number; wake: () => void }[] = [];
  const sleep = (ms: number) =>
    new Promise<void>((wake) => {
      sleepers.push({ atMs: nowMs + ms, wake });
      sleepers.sort((left, right) => left.atMs - right.atMs);
    });
  const drive = async (until: Promise<unknown>) => {
    let over = false;
    const ended = until.finally(() => {
      over = true;
    });
    while (!over) {
      await new Promise(setImmediate);
      const next = sleepers.shift();
      if (next === undefined) continue;
      nowMs = next.atMs;
      next.wake();
    }
    await ended;
  };
  return { nowMs: () => nowMs, sleep, drive };
}

const plan: LoadPlan = { orders: 10, rate: 100, concurrency: 4, watchers: 2, timeoutMs: 1_000 };
const paid: Decision = { word: 'PAGO', tookMs: 30 };

describe('runLoad', () => {
  async function run(
    changes: Partial<LoadPlan>,
    place: (number: number) => Placement,
    { answerMs = 0, decision = async () => paid as Decision | undefined } = {},
  ) {
    const time = virtualTime();
    const state = newLoadState();
    const placedAt: number[] = [];
    const running = runLoad(
      { ...plan, ...changes },
      {
        ...time,
        async place(number) {
          placedAt.push(time.nowMs());
          if (answerMs > 0) await time.sleep(answerMs);
          return place(number);
        },
        async decision() {
          await time.sleep(10);
          return decision();
        },
      },
      state,
    );
    await time.drive(running);
    return { state, placedAt };
  }

  const accept = (number: number): Placement => ({ kind: 'accepted', id: `o${number}` });

  it('places one order after the other at the given rate, and sees each decided', async () => {
    const { state, placedAt } = await run({}, accept);
    expect(placedAt).toEqual([0, 10, 20, 30, 40, 50, 60, 70, 80, 90]);
    expect(state).toMatchObject({ accepted: 10, refused: 0, unanswered: 0, decided: 10 });
  });

  it('does not wait for answers while fewer than `concurrency` are under way', async () => {
    const { placedAt } = await run({ concurrency: 10 }, accept, { answerMs: 500 });
    expect(placedAt.at(-1)).toBe(90);
  });

  it('counts the wait for a free place in front of orders as time to accept', async () => {
    const { state } = await run({ concurrency: 1 }, accept, { answerMs: 100 });
    expect(state.acceptMs[0]).toBe(100);
    expect(state.acceptMs[9]).toBe(910);
  });

  it('gives an order up as lost when none was decided for the timeout', async () => {
    const { state } = await run({ orders: 1 }, accept, { decision: async () => undefined });
    expect(state).toMatchObject({ accepted: 1, decided: 0 });
  });

  it('loses nothing while decisions still come, however late', async () => {
    const { state } = await run({ orders: 150, rate: 10_000, concurrency: 150, watchers: 1, timeoutMs: 50 }, accept);
    expect(state).toMatchObject({ accepted: 150, decided: 150 });
  });

  it('keeps what was said of the first order that was not accepted', async () => {
    const { state } = await run({ orders: 2 }, (number) => ({ kind: 'refused', detail: `no ${number}` }));
    expect(state).toMatchObject({ accepted: 0, refused: 2, firstFault: 'no 0' });
  });
});

describe('summarize', () => {
  const state = { ...newLoadState(), accepted: 2, decided: 2, placingMs: 1_000, acceptMs: [5, 7] };
  const decisions = new Map([
    ['o1', paid],
    ['o2', { word: 'FALHA', tookMs: 1_500 }],
  ]);
  const well = { captured: 1, faults: [] };

  it('shows counts, rates and percentiles', () => {
    const { text, isWell } = summarize({ ...state, decisions }, well);
    expect(text.split('\n').slice(0, 4)).toEqual([
      'accepted   2 (2.0/s), refused 0, unanswered 0',
      'decided    2: PAGO 1, FALHA 1, CANCELADO 0; lost 0',
      'accept     p50 5 ms   p95 7 ms   p99 7 ms',
      'decision   p50 30 ms   p95 1.50 s   p99 1.50 s',
    ]);
    expect(isWell).toBe(true);
  });

  it.each([
    ['a lost order', { ...state, decided: 1 }, well, 'NOT WELL: 1 orders lost'],
    ['an order charged twice', state, { captured: 3, faults: ['order o1 was charged 2 times'] }, '1 charged wrongly.'],
    ['an order that may or may not exist', { ...state, unanswered: 1 }, well, '1 unanswered'],
    ['nothing accepted', { ...state, accepted: 0, decided: 0 }, well, 'NOT WELL: no order was accepted.'],
  ])('is not well with %s', (_case, failing, audit, phrase) => {
    const { text, isWell } = summarize({ ...failing, decisions }, audit);
    expect(isWell).toBe(false);
    expect(text.split('\n').at(-1)).toContain(phrase);
  });
});

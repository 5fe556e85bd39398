import { beforeEach, describe, expect, it } from '@jest/globals';
import { exportJWK, generateKeyPair, type JSONWebKeySet } from 'jose';
import { createKeySet } from './key-set.ts';

const seconds = 1_000;
const minutes = 60 * seconds;
const hours = 60 * minutes;

describe('the keys of an issuer', () => {
  let nowMs: number;
  let asked: number;
  let answer: () => Promise<JSONWebKeySet>;
  let keys: ReturnType<typeof createKeySet>;

  async function keySetOf(...ids: string[]): Promise<JSONWebKeySet> {
    const pair = await generateKeyPair('ES256', { extractable: true });
    const jwk = await exportJWK(pair.publicKey);
    return { keys: ids.map((kid) => ({ ...jwk, kid, alg: 'ES256' })) };
  }
  const away = async (): Promise<JSONWebKeySet> => {
    throw new Error('connect ECONNREFUSED');
  };
  /** `found`, or the code of the error. */
  async function find(kid: string): Promise<unknown> {
    try {
      await keys({ alg: 'ES256', kid }, { payload: '', signature: '', protected: '' });
      return 'found';
    } catch (error) {
      return (error as { code?: unknown }).code;
    }
  }

  beforeEach(async () => {
    nowMs = 0;
    asked = 0;
    const first = await keySetOf('first');
    answer = async () => first;
    keys = createKeySet({
      load() {
        asked += 1;
        return answer();
      },
      now: () => nowMs,
    });
  });

  it('are asked for once by many at once, and then remembered', async () => {
    expect(await Promise.all(Array.from({ length: 20 }, () => find('first')))).toEqual(Array(20).fill('found'));
    nowMs += 9 * minutes;
    expect(await find('first')).toBe('found');
    expect(asked).toBe(1);
  });

  it('are asked for again for one that is not known, but not by every made-up name', async () => {
    await find('first');
    nowMs += 11 * seconds;
    const both = await keySetOf('first', 'second');
    answer = async () => both;
    expect(await find('second')).toBe('found');
    for (let guess = 0; guess < 50; guess += 1) expect(await find(`guess-${guess}`)).toBe('ERR_JWKS_NO_MATCHING_KEY');
    expect(asked).toBe(2);
  });

  it('are asked for again after ten minutes, so that a withdrawn key is good no longer', async () => {
    await find('first');
    const second = await keySetOf('second');
    answer = async () => second;
    nowMs += 10 * minutes;
    expect(await find('first')).toBe('ERR_JWKS_NO_MATCHING_KEY');
  });

  it('stay good for a day while the issuer is away, and it is not asked by every request', async () => {
    await find('first');
    answer = away;
    nowMs += 23 * hours;
    for (let request = 0; request < 50; request += 1) expect(await find('first')).toBe('found');
    expect(asked).toBe(2);
    nowMs += 1 * hours;
    expect(await find('first')).toBe('issuer-unavailable');
  });

  it('stay good while the issuer does not answer, and nobody waits for it for long', async () => {
    await find('first');
    answer = () => new Promise(() => {});
    nowMs += 11 * minutes;
    const startedAt = performance.now();
    expect(await Promise.all([find('first'), find('first')])).toEqual(['found', 'found']);
    expect(performance.now() - startedAt).toBeLessThan(2_000);
  });

  it('make no token wrong that cannot be judged while the issuer is away', async () => {
    await find('first');
    answer = away;
    nowMs += 1 * minutes;
    expect(await find('second')).toBe('issuer-unavailable');
    nowMs += 1 * seconds;
    expect(await find('second')).toBe('issuer-unavailable');
    expect(asked).toBe(2);
  });

  it('are had as soon as the issuer comes up after the service', async () => {
    const up = answer;
    answer = away;
    expect(await find('first')).toBe('issuer-unavailable');
    answer = up;
    nowMs += 1 * seconds;
    expect(await find('first')).toBe('found');
  });

  it('that are no keys count as an issuer that is away', async () => {
    answer = async () => ({ keys: 'none' }) as never;
    expect(await find('first')).toBe('issuer-unavailable');
  });
});

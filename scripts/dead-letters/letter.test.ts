import { describe, expect, it } from '@jest/globals';
import type { OutgoingRecord } from '../../services/shared/src/kafka/records.ts';
import { deadLetterRecord, deadLetterReference } from '../../services/shared/src/messaging/dead-letter.ts';
import type { StoredRecord } from '../kafka-cli/topic-reader.ts';
import { inOriginalOrder, lettersOf, markerOf, replayOf } from './letter.ts';

const original = {
  offset: 10n,
  key: Buffer.from([0xff]),
  value: Buffer.from('{'),
  headers: { ce_id: Buffer.from('x.1'), twice: [Buffer.from('1'), Buffer.from('2')] },
  timestamp: new Date(0),
};

function stored({ key, value, headers }: OutgoingRecord, offset: bigint): StoredRecord {
  const bytes = (text: Buffer | string | null) => (text === null ? null : Buffer.from(text));
  return { partition: 1, offset, key: bytes(key), value: bytes(value), headers, timestamp: new Date(5) };
}

const giveUp = (offset: bigint, at: bigint, failedAt = '2026-01-02T03:04:05.006Z') => {
  const letter = { topic: 't', partition: 3, groupId: 'g', deliveries: 4, code: 'c', reason: 'No.' };
  return stored(deadLetterRecord({ ...letter, record: { ...original, offset }, failedAt: new Date(failedAt) }), at);
};

describe('lettersOf', () => {
  it('reads what happened, from the oldest failure on', () => {
    const letters = lettersOf([giveUp(10n, 7n), giveUp(9n, 8n, '2026-01-01T00:00:00.000Z')]);
    expect(letters.map(({ id }) => id)).toEqual(['1:8', '1:7']);
    expect(letters[1]).toMatchObject({
      failedAt: '2026-01-02T03:04:05.006Z',
      origin: { topic: 't', partition: '3', offset: '10', group: 'g' },
      code: 'c',
      message: 'No.',
      replayedAt: [],
    });
  });

  it('knows a letter that only says where its message is', () => {
    const letter = { topic: 't', partition: 3, groupId: 'g', deliveries: 1, code: 'c', reason: 'No.' };
    const reference = deadLetterReference({ ...letter, record: original, failedAt: new Date(0) });
    expect(lettersOf([stored(reference, 7n), giveUp(9n, 8n)]).map(({ isReference }) => isReference)).toEqual([
      true,
      false,
    ]);
  });

  it('takes markers for what they say, not for letters', () => {
    const letter = giveUp(10n, 7n);
    const [first] = lettersOf([letter]);
    if (!first) throw new Error('no letter');
    const marker = stored(markerOf(first, 't.dlq', new Date(99)), 8n);
    const letters = lettersOf([letter, giveUp(11n, 9n), marker]);
    expect(letters.map(({ id, replayedAt }) => [id, replayedAt])).toEqual([
      ['1:7', [new Date(99).toISOString()]],
      ['1:9', []],
    ]);
  });

  it('does not invent where a stranger came from', () => {
    const [letter] = lettersOf([{ ...original, partition: 0 }]);
    expect(letter).toMatchObject({ id: '0:10', origin: undefined, failedAt: '1970-01-01T00:00:00.000Z' });
  });
});

describe('replayOf', () => {
  it('is the message as it was, for the group that gave up on it', () => {
    const [letter] = lettersOf([giveUp(10n, 7n)]);
    if (!letter?.origin) throw new Error('no origin');
    expect(replayOf(letter, letter.origin)).toEqual({
      topic: 't',
      key: original.key,
      value: original.value,
      headers: { ...original.headers, 'dlq-replay-for': 'g' },
    });
  });
});

describe('inOriginalOrder', () => {
  it('sorts by offset as a number, not by when the group gave up', () => {
    const letters = lettersOf([giveUp(10n, 1n), giveUp(9n, 2n), giveUp(100n, 3n)]);
    expect(letters.sort(inOriginalOrder).map(({ origin }) => origin?.offset)).toEqual(['9', '10', '100']);
  });
});

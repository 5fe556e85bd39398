import { appendFile, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { createLog } from '@shop/shared/log';
import { type LedgerEntry, openLedger } from './ledger.ts';

const log = createLog('test', { logLevel: 'silent' });
const entryOf = (seq: number): LedgerEntry => ({
  ...{ seq, type: 'charge', key: `k${seq}`, id: `ch_${seq}`, orderId: 'o', amountCents: 1, currency: 'BRL' },
  status: 'captured',
  createdAt: '2026-01-01T00:00:00.000Z',
});

describe('the ledger on disk', () => {
  let folder: string;
  let path: string;
  const broken: Error[] = [];
  const open = () => openLedger(path, log, (error) => broken.push(error));

  beforeEach(async () => {
    folder = await mkdtemp(join(tmpdir(), 'ledger-'));
    path = join(folder, 'deep', 'ledger.jsonl');
    broken.length = 0;
  });

  afterEach(() => rm(folder, { recursive: true }));

  it('makes its folder, and holds after a reopening what was appended, in order', async () => {
    const ledger = await open();
    const entries = Array.from({ length: 200 }, (_, index) => entryOf(index + 1));
    await Promise.all(entries.map((entry) => ledger.append(entry)));
    await ledger.close();
    const again = await open();
    expect(again.entries).toEqual(entries);
    await again.close();
  });

  it('has an entry in the file by the time the append resolves', async () => {
    const ledger = await open();
    await ledger.append(entryOf(1));
    expect(await readFile(path, 'utf8')).toBe(`${JSON.stringify(entryOf(1))}\n`);
    await ledger.close();
  });

  it('writes at close what was appended but not awaited', async () => {
    const ledger = await open();
    const pending = Promise.all([1, 2, 3].map((seq) => ledger.append(entryOf(seq))));
    await ledger.close();
    await pending;
    expect((await readFile(path, 'utf8')).split('\n')).toHaveLength(4);
  });

  it('drops a torn last line, and goes on after the last whole one', async () => {
    const first = await open();
    await first.append(entryOf(1));
    await first.close();
    await appendFile(path, JSON.stringify(entryOf(2)).slice(0, 30));
    const second = await open();
    expect(second.entries).toEqual([entryOf(1)]);
    await second.append(entryOf(2));
    await second.close();
    const third = await open();
    expect(third.entries).toEqual([entryOf(1), entryOf(2)]);
    await third.close();
  });

  it('refuses a file that is broken before its end, naming the line', async () => {
    const ledger = await open();
    await ledger.append(entryOf(1));
    await ledger.close();
    await writeFile(path, `${await readFile(path, 'utf8')}{"seq":2}\n`);
    await expect(open()).rejects.toThrow(/^Line 2 of the ledger .*ledger\.jsonl is not an entry/);
  });

  it('refuses a path that cannot be a file, naming the setting', async () => {
    path = folder;
    await expect(open()).rejects.toThrow('set PROVIDER_LEDGER_FILE');
  });

  it('rejects every append once one failed, and says so', async () => {
    const ledger = await open();
    await ledger.close();
    await expect(ledger.append(entryOf(1))).rejects.toThrow();
    await expect(ledger.append(entryOf(2))).rejects.toThrow();
    await expect(ledger.check()).rejects.toThrow();
    expect(broken).toHaveLength(1);
  });
});

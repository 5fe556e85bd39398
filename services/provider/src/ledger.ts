/** The provider's memory: an append-only file of JSON lines, on disk before anybody is answered. */
import { type FileHandle, mkdir, open } from 'node:fs/promises';
import { dirname } from 'node:path';
import { asError, StartError } from '@shop/shared/errors';
import type { Logger } from '@shop/shared/log';
import { z } from 'zod';
import { declineReasons } from './charge.ts';

const entry = z.object({ seq: z.number().int().positive(), key: z.string(), id: z.string(), orderId: z.string() });
const money = { amountCents: z.number().int().min(0), currency: z.literal('BRL'), createdAt: z.iso.datetime() };

export const chargeEntry = entry.extend({
  type: z.literal('charge'),
  ...money,
  status: z.enum(['captured', 'declined']),
  reason: z.enum(declineReasons).optional(),
});
export const refundEntry = entry.extend({ type: z.literal('refund'), ...money, chargeId: z.string() });
export const ledgerEntry = z.discriminatedUnion('type', [chargeEntry, refundEntry]);

export type ChargeEntry = z.infer<typeof chargeEntry>;
export type RefundEntry = z.infer<typeof refundEntry>;
export type LedgerEntry = ChargeEntry | RefundEntry;

export interface Ledger {
  /** What the file held when it was opened. */
  readonly entries: readonly LedgerEntry[];
  /** Resolves when the entry is on disk. Rejects when it may not be; from then on every append rejects. */
  readonly append: (entry: LedgerEntry) => Promise<void>;
  /** Throws the reason when it can no longer be written. */
  readonly check: () => Promise<void>;
  readonly close: () => Promise<void>;
}

interface Waiting {
  readonly line: string;
  readonly resolve: () => void;
  readonly reject: (error: Error) => void;
}

/** Entries that arrive while the disk is busy go there together: one write and one sync for all of them. */
class Appender {
  readonly #file: FileHandle;
  readonly #onBroken: (error: Error) => void;
  #waiting: Waiting[] = [];
  #flushing: Promise<void> | undefined;
  #broken: Error | undefined;

  constructor(file: FileHandle, onBroken: (error: Error) => void) {
    this.#file = file;
    this.#onBroken = onBroken;
  }

  append(line: string): Promise<void> {
    return new Promise((resolve, reject) => {
      this.#waiting.push({ line, resolve, reject });
      this.#flushing ??= this.#flush();
    });
  }

  async check(): Promise<void> {
    if (this.#broken) throw this.#broken;
  }

  async settled(): Promise<void> {
    await this.#flushing;
  }

  async #flush(): Promise<void> {
    while (this.#waiting.length > 0) {
      const batch = this.#waiting;
      this.#waiting = [];
      await this.#write(batch);
    }
    this.#flushing = undefined;
  }

  async #write(batch: Waiting[]): Promise<void> {
    try {
      await this.check();
      await this.#file.appendFile(batch.map(({ line }) => line).join(''));
      await this.#file.datasync();
      for (const { resolve } of batch) resolve();
    } catch (thrown) {
      if (!this.#broken) this.#onBroken(asError(thrown));
      this.#broken = asError(thrown);
      for (const { reject } of batch) reject(this.#broken);
    }
  }
}

/**
 * The complete lines, and how many bytes they take. A last line without its end was torn by a crash: nobody was answered for it.
 *
 * @throws StartError for a complete line that is not an entry: a charge would be forgotten
 */
function readLines(path: string, content: Buffer): { entries: LedgerEntry[]; length: number } {
  const length = content.lastIndexOf(0x0a) + 1;
  const lines = content.toString('utf8', 0, length).split('\n').slice(0, -1);
  const entries = lines.map((line, index) => {
    try {
      return ledgerEntry.parse(JSON.parse(line));
    } catch {
      throw new StartError(`Line ${index + 1} of the ledger ${path} is not an entry: mend it, or move the file away.`);
    }
  });
  return { entries, length };
}

/** @throws StartError when the file cannot be opened or holds something else */
export async function openLedger(path: string, log: Logger, onBroken: (error: Error) => void): Promise<Ledger> {
  const file = await openFile(path);
  try {
    const content = await file.readFile();
    const { entries, length } = readLines(path, content);
    if (length < content.length) {
      log.warn({ bytes: content.length - length }, 'dropped a torn last line of the ledger');
      await file.truncate(length);
    }
    const appender = new Appender(file, onBroken);
    return {
      entries,
      append: (entry) => appender.append(`${JSON.stringify(entry)}\n`),
      check: () => appender.check(),
      async close() {
        await appender.settled();
        await file.close();
      },
    };
  } catch (error) {
    await file.close();
    throw error;
  }
}

async function openFile(path: string): Promise<FileHandle> {
  try {
    await mkdir(dirname(path), { recursive: true });
    const file = await open(path, 'a+');
    const folder = await open(dirname(path));
    await folder.sync().finally(() => folder.close());
    return file;
  } catch (error) {
    throw new StartError(`The ledger cannot be opened (${(error as Error).message}): set PROVIDER_LEDGER_FILE.`);
  }
}

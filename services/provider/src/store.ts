/** Charges and refunds by id, order and idempotency key: an index of the ledger, rebuilt from it at start. */
import { DomainError } from '@shop/shared/errors';
import {
  type Charge,
  type ChargeRequest,
  type DeclineReason,
  isSameCharge,
  isSameRefund,
  type Refund,
  type RefundRequest,
} from './charge.ts';
import type { ChargeEntry, Ledger, LedgerEntry, RefundEntry } from './ledger.ts';

export interface ChargeState {
  readonly charge: Charge;
  readonly refundedCents: number;
}

export interface Outcome<T> {
  readonly result: T;
  /** True when the key was known: this is the first answer again, and nothing was done. */
  readonly isReplay: boolean;
}

interface Ports {
  readonly ledger: Pick<Ledger, 'entries' | 'append'>;
  readonly now: () => Date;
  /** A new id that begins with the prefix. */
  readonly newId: (prefix: string) => string;
  readonly decline: (request: ChargeRequest) => DeclineReason | undefined;
  /** False: every request is a new one, whatever its key. It shows what callers are worth without this guard. */
  readonly honoursKeys: () => boolean;
}

interface Known<E> {
  readonly entry: E;
  readonly onDisk: Promise<void>;
}

export class ChargeStore {
  readonly #ports: Ports;
  readonly #entries: LedgerEntry[] = [];
  readonly #charges = new Map<string, ChargeState>();
  readonly #ofOrder = new Map<string, LedgerEntry[]>();
  readonly #chargeKeys = new Map<string, Known<ChargeEntry>>();
  readonly #refundKeys = new Map<string, Known<RefundEntry>>();
  /** Refunds on their way to the disk count already, or two at once would give back too much. */
  readonly #reservedCents = new Map<string, number>();
  #lastSeq = 0;

  constructor(ports: Ports) {
    this.#ports = ports;
    for (const entry of ports.ledger.entries) {
      this.#lastSeq = entry.seq;
      const known = { onDisk: Promise.resolve() };
      if (entry.type === 'charge') this.#chargeKeys.set(entry.key, { ...known, entry });
      else {
        this.#refundKeys.set(entry.key, { ...known, entry });
        this.#reserve(entry);
      }
      this.#index(entry);
    }
  }

  /** Takes the money, or declines. Two requests with one key, at once or years apart, are one charge. */
  async charge(request: ChargeRequest, key: string): Promise<Outcome<ChargeState>> {
    const known = this.#known(this.#chargeKeys, key, (entry) => isSameCharge(entry, request));
    const { entry, onDisk } = known ?? this.#addCharge(request, key);
    await onDisk;
    return { result: { charge: chargeOf(entry), refundedCents: 0 }, isReplay: known !== undefined };
  }

  /** Gives money back; never more than was taken. */
  async refund(request: RefundRequest, key: string): Promise<Outcome<Refund>> {
    const known = this.#known(this.#refundKeys, key, (entry) => isSameRefund(entry, request));
    const { entry, onDisk } = known ?? this.#addRefund(request, key);
    await onDisk;
    return { result: refundOf(entry), isReplay: known !== undefined };
  }

  find(id: string): ChargeState | undefined {
    return this.#charges.get(id);
  }

  chargesOf(orderId: string): ChargeState[] {
    const entries = this.#ofOrder.get(orderId) ?? [];
    return entries.flatMap(({ type, id }) => (type === 'charge' ? [this.#charges.get(id) as ChargeState] : []));
  }

  refundsOf(orderId: string): Refund[] {
    return (this.#ofOrder.get(orderId) ?? []).flatMap((entry) => (entry.type === 'refund' ? [refundOf(entry)] : []));
  }

  /** What is on disk, in the order of happening, from the entry after `after` on. */
  entries(after: number, limit: number): LedgerEntry[] {
    return this.#entries.filter(({ seq }) => seq > after).slice(0, limit);
  }

  #known<E>(keys: Map<string, Known<E>>, key: string, isSame: (entry: E) => boolean): Known<E> | undefined {
    const known = this.#ports.honoursKeys() ? keys.get(key) : undefined;
    if (known && !isSame(known.entry))
      throw new DomainError('unprocessable', {
        code: 'idempotency-key-reused',
        detail: 'This Idempotency-Key was used for another request: take a new key for a new request.',
      });
    return known;
  }

  #addCharge(request: ChargeRequest, key: string): Known<ChargeEntry> {
    const reason = this.#ports.decline(request);
    return this.#write(this.#chargeKeys, {
      ...this.#head('ch', key),
      type: 'charge',
      ...request,
      ...(reason ? { status: 'declined', reason } : { status: 'captured' }),
    });
  }

  #addRefund({ chargeId, amountCents }: RefundRequest, key: string): Known<RefundEntry> {
    const { orderId, currency } = this.#refundable(chargeId, amountCents);
    const head = this.#head('re', key);
    const entry: RefundEntry = { ...head, type: 'refund', chargeId, orderId, amountCents, currency };
    this.#reserve(entry);
    return this.#write(this.#refundKeys, entry);
  }

  #refundable(chargeId: string, amountCents: number): Charge {
    const state = this.#charges.get(chargeId);
    if (!state)
      throw new DomainError('not-found', { code: 'charge-not-found', detail: `There is no charge ${chargeId}.` });
    const { charge } = state;
    if (charge.status !== 'captured')
      throw new DomainError('conflict', {
        code: 'charge-not-captured',
        detail: 'The charge was declined: there is nothing to refund.',
      });
    const leftCents = charge.amountCents - (this.#reservedCents.get(chargeId) ?? 0);
    if (amountCents > leftCents)
      throw new DomainError('unprocessable', {
        code: 'refund-exceeds-charge',
        detail: `Of this charge ${leftCents} cents are left to refund.`,
        faults: [{ at: '#/amountCents', detail: `must be at most ${leftCents}` }],
      });
    return charge;
  }

  #write<E extends LedgerEntry>(keys: Map<string, Known<E>>, entry: E): Known<E> {
    const onDisk = this.#ports.ledger.append(entry).then(() => this.#index(entry));
    const known = { entry, onDisk };
    if (!keys.has(entry.key)) keys.set(entry.key, known);
    return known;
  }

  #head(prefix: string, key: string) {
    this.#lastSeq += 1;
    return {
      seq: this.#lastSeq,
      key,
      id: this.#ports.newId(prefix),
      createdAt: this.#ports.now().toISOString(),
    };
  }

  #reserve({ chargeId, amountCents }: RefundEntry): void {
    this.#reservedCents.set(chargeId, (this.#reservedCents.get(chargeId) ?? 0) + amountCents);
  }

  /** Only what is on disk can be read: a charge that was seen must not be gone after a crash. */
  #index(entry: LedgerEntry): void {
    this.#entries.push(entry);
    this.#ofOrder.set(entry.orderId, [...(this.#ofOrder.get(entry.orderId) ?? []), entry]);
    if (entry.type === 'charge') {
      this.#charges.set(entry.id, { charge: chargeOf(entry), refundedCents: 0 });
      return;
    }
    const state = this.#charges.get(entry.chargeId);
    if (state) this.#charges.set(entry.chargeId, { ...state, refundedCents: state.refundedCents + entry.amountCents });
  }
}

function chargeOf({ seq: _seq, type: _type, key: _key, ...charge }: ChargeEntry): Charge {
  return charge;
}

function refundOf({ seq: _seq, type: _type, key: _key, ...refund }: RefundEntry): Refund {
  return refund;
}

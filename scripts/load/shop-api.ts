import { parseStatus } from '../../services/shared/src/contracts/order-status.ts';
import type { LedgerEntry } from './charge-audit.ts';

/** The base addresses of the services. */
export interface ShopUrls {
  readonly orders: string;
  readonly clients: string;
  readonly products: string;
}

interface Answer {
  readonly status: number;
  readonly body: unknown;
}

export interface SampleOrder {
  readonly clientId: string;
  readonly items: readonly { readonly productId: string; readonly quantity: number; readonly price: number }[];
  readonly total: number;
  readonly payments: readonly { readonly typePaymentId: number; readonly amount: number }[];
}

/** An order as far as the scripts look at it. */
export interface OrderState {
  readonly id: string;
  /** The word on the wire. */
  readonly word: string;
  readonly decided: boolean;
  /** From its creation to its last change, by the clock of orders. */
  readonly tookMs: number;
}

interface CallOptions {
  readonly body?: unknown;
  readonly headers?: Readonly<Record<string, string>>;
  readonly timeoutMs: number;
}

/**
 * One HTTP call with JSON in and out; any status is an answer.
 * @throws when there was no answer, or none in time
 */
export async function call(method: 'GET' | 'POST', url: string, { body, headers, timeoutMs }: CallOptions) {
  const response = await fetch(url, {
    method,
    headers: { ...headers, ...(body === undefined ? {} : { 'content-type': 'application/json' }) },
    ...(body === undefined ? {} : { body: JSON.stringify(body) }),
    signal: AbortSignal.timeout(timeoutMs),
  });
  const text = await response.text();
  return { status: response.status, body: text === '' ? undefined : JSON.parse(text) } satisfies Answer;
}

/**
 * Creates a client and a product, and returns an order for one piece of it.
 * @throws Error with the service's own words if one of them refuses
 */
export async function createSample({ clients, products }: ShopUrls, stock: number): Promise<SampleOrder> {
  const digits = String(Math.floor(Math.random() * 1e11)).padStart(11, '0');
  const price = 19.9;
  const [clientId, productId] = await Promise.all([
    create(`${clients}/v1/clients`, {
      name: 'Maria Silva',
      email: `maria.${digits}@example.com`,
      phone: '11999999999',
      cpf: digits,
    }),
    create(`${products}/v1/products`, { name: 'Café', description: '500 g, torrado', price, quantity: stock }),
  ]);
  return {
    clientId,
    items: [{ productId, quantity: 1, price }],
    total: price,
    payments: [{ typePaymentId: 1, amount: price }],
  };
}

/** @throws Error with the service's own words if it refuses */
export async function create(url: string, body: unknown): Promise<string> {
  const answer = await call('POST', url, { body, timeoutMs: 10_000 });
  if (answer.status !== 201)
    throw new Error(`POST ${url} was answered ${answer.status}: ${JSON.stringify(answer.body)}`);
  return (answer.body as { id: string }).id;
}

/** Reads an order; with `waitSeconds` the answer comes as soon as it is decided, or after that time. */
export async function readOrder(orders: string, id: string, waitSeconds: number): Promise<OrderState> {
  const url = `${orders}/v1/orders/${id}?wait=${waitSeconds}`;
  const { status, body } = await call('GET', url, { timeoutMs: (waitSeconds + 5) * 1_000 });
  if (status !== 200) throw new Error(`GET ${url} was answered ${status}: ${JSON.stringify(body)}`);
  return stateOf(body);
}

export function stateOf(body: unknown): OrderState {
  const { id, status, createdAt, updatedAt } = body as Record<'id' | 'status' | 'createdAt' | 'updatedAt', string>;
  return {
    id,
    word: status,
    decided: parseStatus(status) !== 'pending',
    tookMs: Date.parse(updatedAt) - Date.parse(createdAt),
  };
}

/** Everything that the provider's ledger holds. */
export async function readLedger(provider: string): Promise<LedgerEntry[]> {
  const entries: LedgerEntry[] = [];
  let after: number | null = 0;
  while (after !== null) {
    const url: string = `${provider}/ledger?after=${after}&limit=10000`;
    const { status, body } = await call('GET', url, { timeoutMs: 30_000 });
    if (status !== 200) throw new Error(`GET ${url} was answered ${status}: ${JSON.stringify(body)}`);
    const page = body as { items: LedgerEntry[]; next: number | null };
    entries.push(...page.items);
    after = page.next;
  }
  return entries;
}

/** The four status words of the wire, and the only place that knows them. */
const words = {
  pending: 'PENDENTE',
  paid: 'PAGO',
  canceled: 'CANCELADO',
  failed: 'FALHA',
} as const;

export type OrderStatus = keyof typeof words;
export type StatusWord = (typeof words)[OrderStatus];

export const statusWords = Object.values(words) as [StatusWord, ...StatusWord[]];

const statuses = new Map(Object.entries(words).map(([status, word]) => [word, status as OrderStatus]));

/** `paid` → `PAGO`. */
export function formatStatus(status: OrderStatus): StatusWord {
  return words[status];
}

/** `PAGO` → `paid`; `undefined` for any other word. */
export function parseStatus(word: string): OrderStatus | undefined {
  return statuses.get(word as StatusWord);
}

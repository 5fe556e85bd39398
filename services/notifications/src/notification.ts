import type { OrderStatus } from '@shop/shared/contracts/order-status';

export const languages = ['pt', 'en'] as const;
export type Language = (typeof languages)[number];

export type Outcome = Exclude<OrderStatus, 'pending'>;
export const outcomes: readonly [Outcome, ...Outcome[]] = ['paid', 'canceled', 'failed'];

/** How an order was decided: once, and for good. */
export interface Decision {
  /** The event's `ce_id`; the order's id where it came without. */
  readonly eventId: string;
  readonly orderId: string;
  readonly clientId: string;
  readonly outcome: Outcome;
  readonly totalCents: number;
}

/** What a client is told; the subject names nobody. */
export interface Wording {
  readonly subject: string;
  readonly text: string;
}

interface Facts {
  readonly name: string;
  readonly order: string;
  readonly total: string;
}

interface Template {
  readonly subject: (facts: Facts) => string;
  readonly body: (facts: Facts) => string;
}

const greetings: Record<Language, (name: string) => string> = {
  pt: (name) => `Olá, ${name}!`,
  en: (name) => `Hello, ${name}!`,
};

const closings: Record<Language, string> = {
  pt: 'Esta é uma mensagem automática.',
  en: 'This is an automatic message.',
};

const templates: Record<Language, Record<Outcome, Template>> = {
  pt: {
    paid: {
      subject: ({ order }) => `Pagamento confirmado do pedido ${order}`,
      body: ({ order, total }) =>
        `O pagamento de ${total} do seu pedido ${order} foi confirmado. Obrigado pela compra!`,
    },
    canceled: {
      subject: ({ order }) => `Pedido ${order} cancelado`,
      body: ({ order, total }) =>
        `O seu pedido ${order}, de ${total}, foi cancelado. Se o valor já tinha sido cobrado, ele será devolvido.`,
    },
    failed: {
      subject: ({ order }) => `Pagamento recusado do pedido ${order}`,
      body: ({ order, total }) =>
        `O pagamento de ${total} do seu pedido ${order} foi recusado, e nada foi cobrado. Para comprar, faça um novo pedido.`,
    },
  },
  en: {
    paid: {
      subject: ({ order }) => `Payment confirmed for order ${order}`,
      body: ({ order, total }) => `The payment of ${total} for your order ${order} was confirmed. Thank you!`,
    },
    canceled: {
      subject: ({ order }) => `Order ${order} cancelled`,
      body: ({ order, total }) =>
        `Your order ${order} of ${total} was cancelled. If you had been charged already, you get your money back.`,
    },
    failed: {
      subject: ({ order }) => `Payment declined for order ${order}`,
      body: ({ order, total }) =>
        `The payment of ${total} for your order ${order} was declined and you were not charged. To buy, place a new order.`,
    },
  },
};

const money: Record<Language, Intl.NumberFormat> = {
  pt: new Intl.NumberFormat('pt-BR', { style: 'currency', currency: 'BRL' }),
  en: new Intl.NumberFormat('en-US', { style: 'currency', currency: 'BRL' }),
};

/** `450000` → `R$ 4.500,00`, or `R$4,500.00` in English. From digits: a division would round large amounts. */
function formatCents(cents: number, language: Language): string {
  const digits = String(cents).padStart(3, '0');
  return money[language].format(`${digits.slice(0, -2)}.${digits.slice(-2)}` as Intl.StringNumericLiteral);
}

/** The words for a decision. */
export function wordingOf({ orderId, outcome, totalCents }: Decision, name: string, language: Language): Wording {
  const { subject, body } = templates[language][outcome];
  const facts = { name, order: orderId, total: formatCents(totalCents, language) };
  return { subject: subject(facts), text: `${greetings[language](name)}\n\n${body(facts)}\n\n${closings[language]}\n` };
}

/** `joao@example.com` → `j***@example.com`: enough to recognise one's own, too little to write to it. */
export function maskAddress(address: string): string {
  const at = address.lastIndexOf('@');
  return at < 1 ? '***' : `${[...address][0]}***${address.slice(at)}`;
}

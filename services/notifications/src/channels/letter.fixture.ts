import { type Decision, wordingOf } from '../notification.ts';
import type { Letter } from '../ports.ts';

const orderId = '64b000000000000000000001';

export const decision: Decision = {
  eventId: `${orderId}.2`,
  orderId,
  clientId: '64b0000000000000000000c1',
  outcome: 'paid',
  totalCents: 4_500_00,
};

export const letter: Letter = {
  decision,
  client: { name: 'João Silva', email: 'joao@example.com' },
  wording: wordingOf(decision, 'João Silva', 'pt'),
  language: 'pt',
  traceparent: undefined,
};

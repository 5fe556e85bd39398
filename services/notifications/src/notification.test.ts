import { describe, expect, it } from '@jest/globals';
import { type Decision, languages, maskAddress, outcomes, wordingOf } from './notification.ts';

const orderId = '64b000000000000000000001';
const decision: Decision = {
  eventId: `${orderId}.2`,
  orderId,
  clientId: '64b0000000000000000000c1',
  outcome: 'paid',
  totalCents: 4_500_00,
};
/** Intl sets amounts with spaces that do not break. */
const plain = (text: string) => text.replaceAll('\u00a0', ' ');

describe('the words of a notification', () => {
  it('are Portuguese, with name, order and amount', () => {
    const { subject, text } = wordingOf(decision, 'João Silva', 'pt');
    expect(subject).toBe(`Pagamento confirmado do pedido ${orderId}`);
    expect(plain(text)).toBe(
      `Olá, João Silva!\n\nO pagamento de R$ 4.500,00 do seu pedido ${orderId} foi confirmado. Obrigado pela compra!\n\nEsta é uma mensagem automática.\n`,
    );
  });

  it('are English where that is asked for', () => {
    const { subject, text } = wordingOf({ ...decision, outcome: 'failed' }, 'João Silva', 'en');
    expect(subject).toBe(`Payment declined for order ${orderId}`);
    expect(text).toContain('Hello, João Silva!');
    expect(text).toContain('The payment of R$4,500.00');
  });

  it.each([
    [5, 'R$ 0,05'],
    [1_990, 'R$ 19,90'],
    [123_456_789, 'R$ 1.234.567,89'],
    [99_999_999_999_999, 'R$ 999.999.999.999,99'],
  ])('show %d cents to the cent', (totalCents, shown) => {
    expect(plain(wordingOf({ ...decision, totalCents }, 'Ana', 'pt').text)).toContain(` ${shown} `);
  });

  it.each(languages.flatMap((language) => outcomes.map((outcome) => [language, outcome] as const)))(
    'say in %s that an order is %s, each in its own way, and name nobody in the subject',
    (language, outcome) => {
      const own = wordingOf({ ...decision, outcome }, 'Ana Souza', language);
      const others = outcomes.filter((other) => other !== outcome);
      for (const other of others)
        expect(wordingOf({ ...decision, outcome: other }, 'Ana Souza', language).text).not.toBe(own.text);
      expect(own.text).toContain('Ana Souza');
      expect(own.subject).not.toContain('Ana');
    },
  );
});

describe('maskAddress', () => {
  it.each([
    ['joao@example.com', 'j***@example.com'],
    ['é@example.com', 'é***@example.com'],
    ['no address', '***'],
    ['@example.com', '***'],
  ])('shows %s as %s', (address, masked) => {
    expect(maskAddress(address)).toBe(masked);
  });
});

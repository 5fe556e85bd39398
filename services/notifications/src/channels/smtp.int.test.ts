import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { until } from '../../../../scripts/testing/until.ts';
import type { Channel } from '../ports.ts';
import { letter } from './letter.fixture.ts';
import { smtpChannel } from './smtp.ts';
import { type Mail, openSmtpSink, type SmtpSink } from './smtp-sink.fixture.ts';

const from = 'Loja <loja@shop.example>';

let sink: SmtpSink;
let channel: Channel;

beforeEach(async () => {
  sink = await openSmtpSink();
  channel = smtpChannel({ url: () => sink.url, from, timeoutMs: 2_000, maxConnections: 2 });
});
afterEach(async () => {
  channel.close();
  await sink.close();
});

describe('the channel smtp', () => {
  it('sends a mail whose id is that of the event, in the language of the text', async () => {
    await channel.send(letter);
    await channel.send(letter);
    expect(sink.mails).toHaveLength(2);
    const { from, to, headers, source } = sink.mails[0] as Mail;
    expect([from, to]).toEqual(['loja@shop.example', ['joao@example.com']]);
    expect(headers).toMatchObject({
      'message-id': `<${letter.decision.eventId}@shop.example>`,
      'content-language': 'pt-BR',
      'auto-submitted': 'auto-generated',
      subject: `Pagamento confirmado do pedido ${letter.decision.orderId}`,
    });
    expect(headers.to).toMatch(/^=\?UTF-8\?.*\?= <joao@example.com>$/);
    expect(decodeURIComponent(source.replaceAll('=\r\n', '').replace(/=([0-9A-F]{2})/g, '%$1'))).toContain(
      'Olá, João Silva!',
    );
    expect(sink.mails[1]?.headers['message-id']).toBe(headers['message-id']);
  });

  it('gives up an address that is refused for good, and does not repeat it', async () => {
    sink.refuse({ code: 550, text: 'joao@example.com is unknown' });
    await expect(channel.send(letter)).rejects.toMatchObject({
      kind: 'unprocessable',
      code: 'address-refused',
      message: 'The mail server refused it for good (550).',
    });
  });

  it('gives up what no mail server can be asked for, such as an address of spaces', async () => {
    const sending = channel.send({ ...letter, client: { name: 'João Silva', email: '   ' } });
    await expect(sending).rejects.toMatchObject({ kind: 'unprocessable', code: 'mail-refused' });
  });

  it('has patience until the server has a whole mail, the wait for a connection in it', async () => {
    const slow = await openSmtpSink({ delayMs: 3_000 });
    const narrow = smtpChannel({ url: () => slow.url, from, timeoutMs: 2_000, maxConnections: 1 });
    const results = await Promise.allSettled([narrow.send(letter), narrow.send(letter)]);
    narrow.close();
    slow.hangUp();
    await slow.close();
    expect(results).toMatchObject([
      { status: 'fulfilled' },
      { status: 'rejected', reason: { kind: 'unavailable', code: 'smtp-unavailable' } },
    ]);
  });

  it('waits longer for a server that has the letter, which delivers it however late it says so', async () => {
    const slow = await openSmtpSink({ delayMs: 3_000 });
    const impatient = { from, timeoutMs: 2_000, maxConnections: 1 };
    const patient = smtpChannel({ url: () => slow.url, ...impatient });
    await patient.send(letter);
    patient.close();
    const answerTimeoutMs = 300;
    const unanswered = smtpChannel({ url: () => slow.url, ...impatient, answerTimeoutMs });
    await expect(unanswered.send(letter)).rejects.toMatchObject({ kind: 'unavailable', code: 'letter-unanswered' });
    unanswered.close();
    slow.hangUp();
    await slow.close();
    expect(slow.mails).toHaveLength(2);
  });

  it('has no patience with one that does not even take the recipient', async () => {
    const silent = await openSmtpSink({ recipientDelayMs: 60_000 });
    const untaken = smtpChannel({ url: () => silent.url, from, timeoutMs: 500, maxConnections: 1 });
    await expect(untaken.send(letter)).rejects.toMatchObject({ kind: 'unavailable', code: 'smtp-unavailable' });
    untaken.close();
    silent.hangUp();
    await silent.close();
    expect(silent.mails).toHaveLength(0);
  });

  it('does not know what became of a letter when the server hangs up on it, and asks for a long pause', async () => {
    const slow = await openSmtpSink({ delayMs: 60_000 });
    const sending = smtpChannel({ url: () => slow.url, from, timeoutMs: 10_000, maxConnections: 1 });
    const sent = expect(sending.send(letter)).rejects.toMatchObject({
      ...{ kind: 'unavailable', code: 'letter-unanswered', retryAfterSeconds: 60 },
    });
    await until('the letter', () => slow.mails.length === 1);
    slow.hangUp();
    await sent;
    sending.close();
    await slow.close();
  });

  it('sends by the newest address, and what is on its way by the former one arrives', async () => {
    await sink.close();
    const [former, next] = [await openSmtpSink({ delayMs: 200 }), await openSmtpSink()];
    let url = former.url;
    const moving = smtpChannel({ url: () => url, from, timeoutMs: 10_000, maxConnections: 2 });
    const first = moving.send(letter);
    await until('the first mail', () => former.mails.length === 1);
    url = next.url;
    await Promise.all([first, moving.send(letter)]);
    expect([former.mails.length, next.mails.length]).toEqual([1, 1]);
    moving.close();
    await Promise.all([former.close(), next.close()]);
  });

  it('tries later what is refused for now', async () => {
    sink.refuse({ code: 451, text: 'greylisted' });
    await expect(channel.send(letter)).rejects.toMatchObject({ kind: 'unavailable', code: 'smtp-unavailable' });
    sink.refuse(undefined);
    await channel.send(letter);
    expect(sink.mails).toHaveLength(1);
  });

  it('tries later while there is no mail server', async () => {
    await sink.close();
    await expect(channel.send(letter)).rejects.toMatchObject({ kind: 'unavailable', code: 'smtp-unavailable' });
  });
});

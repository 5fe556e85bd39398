import { describe, expect, it } from '@jest/globals';
import { readSettings } from '@shop/shared/env';
import { createLog } from '@shop/shared/log';
import { answerTimeoutMs } from './channels/smtp.ts';
import { hangingMs, leaseMs, openChannel, settings } from './config.ts';

const log = createLog('test', { logLevel: 'silent' });
const call = async () => {
  throw new Error('nobody is called');
};
const opened = (environment: Record<string, string>) => openChannel(readSettings(settings, environment), { log, call });

describe('the channel of the settings', () => {
  it('is the log where nothing is said', () => {
    expect(opened({}).name).toBe('log');
  });

  it.each([
    ['smtp', 'SMTP_URL must be set, since NOTIFICATION_CHANNEL is smtp; SMTP_FROM must be set'],
    ['webhook', 'WEBHOOK_URL must be set, since NOTIFICATION_CHANNEL is webhook; WEBHOOK_SECRET must be set'],
  ])('%s names all that it lacks at once', (channel, faults) => {
    expect(() => opened({ NOTIFICATION_CHANNEL: channel })).toThrow(faults);
  });

  it.each(['Loja <loja@shop.example>', '"Loja, a boa" <loja@shop.example>', 'loja@shop.example'])(
    'sends mails from %s',
    (SMTP_FROM) => {
      const channel = opened({ NOTIFICATION_CHANNEL: 'smtp', SMTP_URL: 'smtp://mail:587', SMTP_FROM });
      expect(channel.name).toBe('smtp');
      channel.close();
    },
  );

  it.each(['Loja', 'Loja <loja>', '<loja@shop.example', 'loja@shop.example>'])('sends none from %s', (SMTP_FROM) => {
    expect(() => readSettings(settings, { SMTP_FROM })).toThrow('SMTP_FROM must be Name <address>');
  });

  it('shows no secret that it cannot use', () => {
    const environment = { AMQP_URL: 'http://me:sesame@host', SMTP_URL: 'sesame', WEBHOOK_SECRET: 'sesame' };
    expect(() => readSettings(settings, environment)).toThrow(/^((?!sesame)[\s\S])*$/);
  });
});

describe('the lease', () => {
  it('is longer than finding the client, and than the channel has patience', () => {
    const values = readSettings(settings, { NOTIFICATION_TIMEOUT_MS: '30000', CLIENTS_TIMEOUT_MS: '5000' });
    expect(leaseMs(values)).toBeGreaterThan(35_000);
  });
});

describe('a letter under way', () => {
  it('is not taken for hanging while a mail server may still accept it, and its record wait for the database', () => {
    const values = readSettings(settings, { NOTIFICATION_TIMEOUT_MS: '120000', CLIENTS_TIMEOUT_MS: '60000' });
    expect(hangingMs(values)).toBeGreaterThan(60_000 + 120_000 + answerTimeoutMs + 120_000);
  });
});

import { describe, expect, it } from '@jest/globals';
import { readSettings } from '@shop/shared/env';
import { createLog } from '@shop/shared/log';
import { settings } from '../config.ts';
import { openChannel } from './open-channel.ts';

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
});

import { describe, expect, it } from '@jest/globals';
import { readSettings } from '@shop/shared/env';
import { answerTimeoutMs } from './channels/smtp.ts';
import { settings } from './config.ts';
import { hangingMs, leaseMs } from './lease.ts';

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

import { describe, expect, it } from '@jest/globals';
import { readSettings } from '@shop/shared/env';
import { settings } from './config.ts';

describe('the settings of a channel', () => {
  it.each(['Loja', 'Loja <loja>', '<loja@shop.example', 'loja@shop.example>'])('name no sender %s', (SMTP_FROM) => {
    expect(() => readSettings(settings, { SMTP_FROM })).toThrow('SMTP_FROM must be Name <address>');
  });

  it('shows no secret that it cannot use', () => {
    const environment = { AMQP_URL: 'http://me:sesame@host', SMTP_URL: 'sesame', WEBHOOK_SECRET: 'sesame' };
    expect(() => readSettings(settings, environment)).toThrow(/^((?!sesame)[\s\S])*$/);
  });
});

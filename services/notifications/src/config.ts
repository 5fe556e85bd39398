import { authSettings } from '@shop/shared/auth/auth-settings';
import { httpUrl, integer, oneOf, optional, type Setting, secret, text, type Values } from '@shop/shared/env';
import { httpSettings } from '@shop/shared/http/app';
import { kafkaSettings } from '@shop/shared/kafka/settings';
import { lifecycleSettings } from '@shop/shared/lifecycle';
import { consumerSettings } from '@shop/shared/messaging/consumer-settings';
import { mongoSettings } from '@shop/shared/mongo/connect';
import { fileWith } from './followed-secret.ts';
import { languages } from './notification.ts';

function secretUrl(variable: string, about: string, protocols: readonly string[], example: string): Setting<string> {
  return {
    ...secret(text(variable, undefined, about)),
    parse(raw) {
      if (!URL.canParse(raw) || !protocols.includes(new URL(raw).protocol)) throw new Error(example);
      return raw;
    },
  };
}

export const webhookSecret: Setting<Buffer> = {
  ...secret(text('WEBHOOK_SECRET', undefined, 'signs webhooks: whsec_ and at least 24 bytes in base64')),
  parse(raw) {
    const key = Buffer.from(raw.replace(/^whsec_/, ''), 'base64');
    if (!raw.startsWith('whsec_') || key.length < 24) throw new Error('whsec_ and at least 24 bytes in base64');
    return key;
  },
};

const sender: Setting<string> = {
  ...text('SMTP_FROM', undefined, 'sender of the mails: Name <address>'),
  parse(raw) {
    if (!/^([^<>]*<[^\s<>@]+@[^\s<>@]+>|[^\s<>@]+@[^\s<>@]+)$/.test(raw)) throw new Error('Name <address>');
    return raw;
  },
};

export const amqpUrl = secretUrl(
  'AMQP_URL',
  'RabbitMQ, for a queue between Kafka and the channel; without it clients are told straight from Kafka',
  ['amqp:', 'amqps:'],
  'amqp://USER:PASSWORD@HOST:PORT or amqps://',
);
export const smtpUrl = secretUrl(
  'SMTP_URL',
  'the mail server, where the channel is smtp',
  ['smtp:', 'smtps:'],
  'smtp://HOST:PORT',
);

export const settings = {
  ...lifecycleSettings,
  ...httpSettings('3006'),
  ...mongoSettings,
  ...kafkaSettings,
  ...consumerSettings,
  ...authSettings,
  amqpUrl: optional(amqpUrl),
  amqpUrlFile: fileWith(amqpUrl),
  amqpCaFile: optional(
    text('AMQP_CA_FILE', undefined, 'PEM file of the authority that signed RabbitMQ; unset trusts the public ones'),
  ),
  retryDelayMs: integer(
    'NOTIFICATION_RETRY_DELAY_MS',
    '10000',
    'how long a task that failed waits in RabbitMQ for its next attempt',
    [100, 86_400_000],
  ),
  channel: oneOf('NOTIFICATION_CHANNEL', 'log', 'how clients are told', ['log', 'smtp', 'webhook']),
  language: oneOf('NOTIFICATION_LANGUAGE', 'pt', 'of the texts', languages),
  channelTimeoutMs: integer(
    'NOTIFICATION_TIMEOUT_MS',
    '15000',
    'patience with the channel; a mail server that has the whole letter is given four minutes to accept it',
    [1, 120_000],
  ),
  smtpUrl: optional(smtpUrl),
  smtpUrlFile: fileWith(smtpUrl),
  smtpFrom: optional(sender),
  webhookUrl: optional(httpUrl('WEBHOOK_URL', undefined, 'where notifications go, where the channel is webhook')),
  webhookSecret: optional(webhookSecret),
  webhookSecretFile: fileWith(webhookSecret),
  clientsUrl: httpUrl('CLIENTS_URL', 'http://127.0.0.1:3002', 'where the clients service is'),
  clientsTokenFile: optional(
    text('CLIENTS_TOKEN_FILE', undefined, 'file with the bearer token for clients, read for each call'),
  ),
  clientsTimeoutMs: integer('CLIENTS_TIMEOUT_MS', '2000', 'patience with clients', [1, 60_000]),
  concurrency: integer(
    'CONSUMER_CONCURRENCY',
    '16',
    'notifications under way at once in one process: of each topic, and of each lane of the queue',
    [1, 1_000],
  ),
};

export type NotificationSettings = Values<typeof settings>;

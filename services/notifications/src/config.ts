import { authSettings } from '@shop/shared/auth/auth-settings';
import {
  ConfigurationError,
  httpUrl,
  integer,
  oneOf,
  optional,
  type Setting,
  secret,
  text,
  type Values,
} from '@shop/shared/env';
import { httpSettings } from '@shop/shared/http/app';
import type { Call } from '@shop/shared/http/call';
import { kafkaSettings } from '@shop/shared/kafka/settings';
import { lifecycleSettings } from '@shop/shared/lifecycle';
import type { Logger } from '@shop/shared/log';
import { consumerSettings } from '@shop/shared/messaging/consumer-settings';
import { mongoSettings } from '@shop/shared/mongo';
import { logChannel } from './channels/log.ts';
import { answerTimeoutMs, smtpChannel } from './channels/smtp.ts';
import { webhookChannel } from './channels/webhook.ts';
import { fileWith, followSecret } from './followed-secret.ts';
import { languages } from './notification.ts';
import type { Channel } from './ports.ts';

function secretUrl(variable: string, about: string, protocols: readonly string[], example: string): Setting<string> {
  return {
    ...secret(text(variable, undefined, about)),
    parse(raw) {
      if (!URL.canParse(raw) || !protocols.includes(new URL(raw).protocol)) throw new Error(example);
      return raw;
    },
  };
}

const webhookSecret: Setting<Buffer> = {
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

const amqpUrl = secretUrl(
  'AMQP_URL',
  'RabbitMQ, for a queue between Kafka and the channel; without it clients are told straight from Kafka',
  ['amqp:', 'amqps:'],
  'amqp://USER:PASSWORD@HOST:PORT or amqps://',
);
const smtpUrl = secretUrl(
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

interface ChannelNeeds {
  readonly log: Logger;
  readonly call: Call;
}

const warnWith = (log: Logger) => (err: Error) =>
  log.warn({ err }, 'new credentials cannot be used, the last ones stay');

/** Where RabbitMQ is now, if there is one. @throws ConfigurationError when its file cannot be used */
export function queueAddress(values: NotificationSettings, log: Logger): (() => string) | undefined {
  return followSecret(amqpUrl, { value: values.amqpUrl, file: values.amqpUrlFile }, warnWith(log));
}

/** @throws ConfigurationError when the channel needs what is not set, or cannot be used */
export function openChannel(values: NotificationSettings, { log, call }: ChannelNeeds): Channel {
  const { smtpFrom, webhookUrl, channelTimeoutMs: timeoutMs, concurrency } = values;
  if (values.channel === 'log') return logChannel(log);
  const warn = warnWith(log);
  if (values.channel === 'smtp') {
    const url = followSecret(smtpUrl, { value: values.smtpUrl, file: values.smtpUrlFile }, warn);
    // Two lanes of the queue, or two topics, have so many under way each: none waits for a connection within its patience.
    if (url && smtpFrom) return smtpChannel({ url, from: smtpFrom, timeoutMs, maxConnections: 2 * concurrency });
    throw new ConfigurationError(missing('smtp', { SMTP_URL: url, SMTP_FROM: smtpFrom }));
  }
  const secret = followSecret(webhookSecret, { value: values.webhookSecret, file: values.webhookSecretFile }, warn);
  if (webhookUrl && secret) return webhookChannel({ call, url: webhookUrl, secret, timeoutMs, now: () => new Date() });
  throw new ConfigurationError(missing('webhook', { WEBHOOK_URL: webhookUrl, WEBHOOK_SECRET: secret }));
}

function missing(channel: string, needed: Readonly<Record<string, unknown>>): string[] {
  return Object.keys(needed)
    .filter((variable) => needed[variable] === undefined)
    .map((variable) => `${variable} must be set, since NOTIFICATION_CHANNEL is ${channel}`);
}

/**
 * Nobody else may send a letter while this one could; as long again is there to note it when the database is away. It is
 * prolonged while a mail server takes its time.
 */
export function leaseMs({ clientsTimeoutMs, channelTimeoutMs }: NotificationSettings): number {
  return clientsTimeoutMs + 2 * channelTimeoutMs + 2_000;
}

/** A letter that takes longer than anything may take with it hangs, and only a restart helps. */
export function hangingMs(values: NotificationSettings): number {
  return leaseMs(values) + answerTimeoutMs + 60_000;
}

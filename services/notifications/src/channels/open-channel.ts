import { ConfigurationError } from '@shop/shared/env';
import type { Call } from '@shop/shared/http/call';
import type { Logger } from '@shop/shared/log';
import { type NotificationSettings, smtpUrl, webhookSecret } from '../config.ts';
import { followSecret, warnWith } from '../followed-secret.ts';
import type { Channel } from '../ports.ts';
import { logChannel } from './log.ts';
import { smtpChannel } from './smtp.ts';
import { webhookChannel } from './webhook.ts';

interface ChannelNeeds {
  readonly log: Logger;
  readonly call: Call;
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

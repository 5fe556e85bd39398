import type { Logger } from '@shop/shared/log';
import { amqpUrl, type NotificationSettings } from './config.ts';
import { followSecret, warnWith } from './followed-secret.ts';

/** Where RabbitMQ is now, if there is one. @throws ConfigurationError when its file cannot be used */
export function queueAddress(values: NotificationSettings, log: Logger): (() => string) | undefined {
  return followSecret(amqpUrl, { value: values.amqpUrl, file: values.amqpUrlFile }, warnWith(log));
}

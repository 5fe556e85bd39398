import { answerTimeoutMs } from './channels/smtp.ts';
import type { NotificationSettings } from './config.ts';

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

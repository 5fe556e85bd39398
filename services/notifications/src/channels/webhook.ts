import { createHmac } from 'node:crypto';
import { formatStatus } from '@shop/shared/contracts/order-status';
import { DomainError } from '@shop/shared/errors';
import type { Answer, Call } from '@shop/shared/http/call';
import { decimalFromCents } from '@shop/shared/money';
import type { Channel, Letter } from '../ports.ts';

interface WebhookOptions {
  readonly call: Call;
  readonly url: string;
  /** Asked for each letter: it may change. */
  readonly secret: () => Buffer;
  readonly timeoutMs: number;
  readonly now: () => Date;
}

/** Answers that are about this letter; of any other, a misconfiguration or an outage, the next letter would hear the same. */
const refusals = new Set([400, 410, 413, 422]);

/**
 * A request to somebody who reaches the client: headers and signature as Standard Webhooks has them. After a crash the same
 * `webhook-id` may come again; whoever remembers ids tells each client once.
 */
export function webhookChannel({ call, url, secret, timeoutMs, now }: WebhookOptions): Channel {
  return {
    name: 'webhook',
    async send(letter) {
      const body = bodyOf(letter);
      const id = letter.decision.eventId;
      const timestamp = String(Math.floor(now().getTime() / 1_000));
      const { traceparent } = letter;
      let answer: Answer;
      try {
        answer = await call({
          ...{ url, template: new URL(url).pathname, method: 'POST', body, traceparent, timeoutMs },
          headers: {
            'content-type': 'application/json',
            'webhook-id': id,
            'webhook-timestamp': timestamp,
            'webhook-signature': signatureOf(secret(), `${id}.${timestamp}.${body}`),
          },
        });
      } catch (cause) {
        throw new DomainError('unavailable', { code: 'webhook-unavailable', detail: 'It does not answer.', cause });
      }
      if (!answer.ok) throw faultOf(answer);
    },
    close() {},
  };
}

/** `v1,` and the HMAC-SHA256 in base64. */
export function signatureOf(secret: Buffer, signed: string): string {
  return `v1,${createHmac('sha256', secret).update(signed).digest('base64')}`;
}

function bodyOf({ decision, client: { name, email }, wording, language }: Letter): string {
  const { orderId, outcome, totalCents } = decision;
  return JSON.stringify({
    type: `order.${outcome}`,
    data: {
      orderId,
      status: formatStatus(outcome),
      total: decimalFromCents(totalCents),
      client: { name, email },
      language,
      ...wording,
    },
  });
}

function faultOf({ status, header }: Answer): DomainError {
  const detail = `The webhook answered ${status}.`;
  if (refusals.has(status)) return new DomainError('unprocessable', { code: 'webhook-refused', detail });
  const seconds = Number(header('retry-after'));
  return new DomainError(status === 429 ? 'throttled' : 'unavailable', {
    code: 'webhook-unavailable',
    detail,
    ...(seconds > 0 && { retryAfterSeconds: seconds }),
  });
}

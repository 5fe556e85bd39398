import type { AuthSettings } from '@shop/shared/auth/auth-settings';
import type { Caller } from '@shop/shared/auth/verify-token';
import { formatStatus, type OrderStatus } from '@shop/shared/contracts/order-status';
import { ConfigurationError, optional, type Setting, text, type Values } from '@shop/shared/env';
import { HttpError } from '@shop/shared/http/problem';

/** What only payments may say of an order: it alone knows whether money moved. */
const outcomes: readonly OrderStatus[] = ['paid', 'failed'];
const outcomeWords = outcomes.map(formatStatus).join(' or ');

const paymentsSubjects: Setting<string[]> = {
  ...text(
    'AUTH_PAYMENTS_SUBJECTS',
    undefined,
    `subjects of the tokens of payments, with commas between: only they may set ${outcomeWords}; needed with AUTH_ISSUER`,
  ),
  parse: (raw) => raw.split(',').map((subject) => subject.trim()),
};

export const rightsSettings = { authPaymentsSubjects: optional(paymentsSubjects) };

/** @throws HttpError 403 when this caller may not change an order to that. Without tokens anybody may everything. */
export type CheckRight = (to: OrderStatus, caller: Caller | undefined) => void;

/**
 * Anybody may cancel, whoever that is.
 *
 * @throws ConfigurationError where callers have names, but none of them is payments: no order could ever be paid
 */
export function mayDecide({
  authIssuer,
  authPaymentsSubjects = [],
}: Pick<AuthSettings, 'authIssuer'> & Values<typeof rightsSettings>): CheckRight {
  if (authIssuer !== undefined && authPaymentsSubjects.length === 0)
    throw new ConfigurationError(['AUTH_PAYMENTS_SUBJECTS must be set when AUTH_ISSUER is']);
  return (to, caller) => {
    if (caller === undefined || !outcomes.includes(to) || authPaymentsSubjects.includes(caller.subject)) return;
    throw new HttpError(
      403,
      'not-payments',
      `Only payments may set ${outcomeWords}, and the token is of another subject; ${formatStatus('canceled')} is for everybody.`,
      { 'www-authenticate': 'Bearer error="insufficient_scope"' },
    );
  };
}

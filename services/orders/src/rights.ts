import type { Caller } from '@shop/shared/auth/verify-token';
import { formatStatus, type OrderStatus } from '@shop/shared/contracts/order-status';
import { ConfigurationError, list, optional, type Values } from '@shop/shared/env';
import { notAllowed } from '@shop/shared/http/authenticate';

/** What only payments may say of an order: it alone knows whether money moved. */
const outcomes: readonly OrderStatus[] = ['paid', 'failed'];
const outcomeWords = outcomes.map(formatStatus).join(' or ');

export const rightsSettings = {
  authPaymentsSubjects: optional(
    list(
      'AUTH_PAYMENTS_SUBJECTS',
      undefined,
      `subjects of the tokens of payments: only they may set ${outcomeWords}; needed where tokens are wanted`,
    ),
  ),
};

/** @throws HttpError 403 when this caller may not change an order to that. Without tokens anybody may everything. */
export type CheckRight = (to: OrderStatus, caller: Caller | undefined) => void;

interface RightsOptions extends Values<typeof rightsSettings> {
  readonly wantsTokens: boolean;
}

/**
 * The check of who may change an order to what. Anybody may cancel, whoever that is.
 *
 * @throws ConfigurationError where callers have names, but none of them is payments: no order could ever be paid
 */
export function rightsChecker({ wantsTokens, authPaymentsSubjects = [] }: RightsOptions): CheckRight {
  if (wantsTokens && authPaymentsSubjects.length === 0)
    throw new ConfigurationError(['AUTH_PAYMENTS_SUBJECTS must be set where tokens are wanted']);
  return (to, caller) => {
    if (caller === undefined || !outcomes.includes(to) || authPaymentsSubjects.includes(caller.subject)) return;
    throw notAllowed(
      'not-payments',
      `Only payments may set ${outcomeWords}, and the token is of another subject; ${formatStatus('canceled')} is for everybody.`,
    );
  };
}

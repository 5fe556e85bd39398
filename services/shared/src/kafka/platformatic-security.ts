import type { ConnectionOptions, SASLMechanismValue } from '@platformatic/kafka';
import type { followSecurity } from './security.ts';

/**
 * The same security for a connection of `@platformatic/kafka`. It has the newest certificates; name and password are asked
 * for at each login.
 */
export function connectionSecurity({
  tls,
  sasl,
}: ReturnType<typeof followSecurity>): Pick<ConnectionOptions, 'tls' | 'sasl'> {
  return {
    ...(tls && { tls: { secureContext: tls() } }),
    ...(sasl && {
      sasl: {
        mechanism: sasl.mechanism.toUpperCase() as SASLMechanismValue,
        username: () => sasl.user().username,
        password: () => sasl.user().password,
      },
    }),
  };
}

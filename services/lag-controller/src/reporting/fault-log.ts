import type { Logger } from '@shop/shared/log';
import type { RoundListener } from '../scaler.ts';

/** How long somebody waited differs each time, and is no other fault. */
const milliseconds = /\d+(\.\d+)? ?ms/g;

export interface FaultLog {
  readonly listen: RoundListener;
  readonly forget: (scaler: string) => void;
}

/** Says in the log what goes wrong in a scaler's rounds when that begins, changes or ends: each round would be too much to read. */
export function faultLog(log: Logger): FaultLog {
  const told = new Map<string, string>();
  return {
    listen({ name: scaler }, { observation, workFault, ...round }) {
      // Some consumers' pages cannot be read whenever replicas start.
      const faults = observation.work ? round.faults.filter((fault) => fault !== workFault) : round.faults;
      const text = faults.join('; ').replace(milliseconds, 'ms');
      if (text === (told.get(scaler) ?? '')) return;
      if (faults.length > 0) log.warn({ scaler, faults }, 'a part of the round failed');
      else log.info({ scaler }, 'rounds are whole again');
      told.set(scaler, text);
    },
    forget(scaler) {
      told.delete(scaler);
    },
  };
}

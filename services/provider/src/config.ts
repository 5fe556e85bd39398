import { flag, fraction, integer, optional, type Setting, text, type Values } from '@shop/shared/env';
import { httpSettings } from '@shop/shared/http/app';
import { checkPart } from '@shop/shared/http/request-faults';
import { lifecycleSettings } from '@shop/shared/lifecycle';
import { z } from 'zod';
import { type Behaviour, behaviour, type Fault, fault } from './simulation.ts';

const faultList: Setting<Fault[]> = {
  ...text('PROVIDER_FAULTS', '[]', 'faults from the start, a JSON list as the `faults` of PUT /faults'),
  parse(raw) {
    const { value, faults } = checkPart(z.array(fault), parseJson(raw), 'body');
    const [first] = faults;
    if (first) throw new Error(`a JSON list of faults as PUT /faults takes (${first.at} ${first.detail})`);
    return value as Fault[];
  },
};

function parseJson(raw: string): unknown {
  try {
    return JSON.parse(raw);
  } catch {
    throw new Error('a JSON list of faults');
  }
}

export const settings = {
  ...lifecycleSettings,
  ...httpSettings('3010'),
  ledgerFile: text('PROVIDER_LEDGER_FILE', '.data/provider/ledger.jsonl', 'where charges and refunds are kept'),
  latencyMs: integer('PROVIDER_LATENCY_MS', '0', 'delay before every answer', [0, 600_000]),
  jitterMs: integer('PROVIDER_JITTER_MS', '0', 'at most this much more delay, at random', [0, 600_000]),
  declineRate: fraction('PROVIDER_DECLINE_RATE', '0', 'share of the orders whose charge is declined'),
  declineAboveCents: optional(
    integer('PROVIDER_DECLINE_ABOVE_CENTS', undefined, 'charges above it are declined', [0, Number.MAX_SAFE_INTEGER]),
  ),
  forgetKeys: flag('PROVIDER_FORGET_KEYS', 'false', 'idempotency keys are ignored: a retry charges again'),
  seed: integer('PROVIDER_SEED', '1', 'the same seed misbehaves the same way', [0, 2 ** 32 - 1]),
  faults: faultList,
};

/** The behaviour that the settings ask for, until `PUT /faults` replaces it. */
export function behaviourOf(values: Values<typeof settings>): Behaviour {
  const { latencyMs, jitterMs, declineRate, declineAboveCents, forgetKeys, seed, faults } = values;
  return behaviour.parse({
    latencyMs,
    jitterMs,
    declineRate,
    declineAboveCents: declineAboveCents ?? null,
    forgetKeys,
    seed,
    faults,
  });
}

import { DomainError } from '@shop/shared/errors';
import { z } from 'zod';
import type { Scenario } from './scenario.ts';

const positive = z.number().positive();
const second = z.number().min(0);
const partition = z.number().int().min(0);
const span = { at: second, until: second };
const event = z.discriminatedUnion('kind', [
  z.strictObject({ ...span, kind: z.literal('slow'), factor: positive }),
  z.strictObject({ ...span, kind: z.literal('outage') }),
  z.strictObject({ ...span, kind: z.literal('unknown-partitions'), partitions: z.array(partition) }),
  z.strictObject({ ...span, kind: z.literal('poison'), partition }),
  z.strictObject({ ...span, kind: z.literal('downstream-cap'), messagesPerSecond: positive }),
  z.strictObject({ at: second, kind: z.literal('rolling-update') }),
  z.strictObject({ at: second, kind: z.literal('lost-replica'), sessionSeconds: positive }),
  z.strictObject({ at: second, kind: z.literal('controller-restart') }),
  z.strictObject({ at: second, kind: z.literal('partitions'), count: z.number().int().min(1).max(1_000) }),
]);

const scenario = z
  .strictObject({
    name: z.string().min(1),
    durationSeconds: z.number().min(1).max(604_800),
    partitions: z.number().int().min(1).max(1_000),
    messagesPerSecondPerReplica: positive,
    startSeconds: z.number().min(0),
    rebalanceSeconds: z.number().min(0),
    commitSeconds: positive,
    sloSeconds: positive,
    rate: z.array(z.tuple([second, z.number().min(0)])).min(1),
    weights: z.array(z.number().min(0)).optional(),
    events: z.array(event).optional(),
  })
  .superRefine((one, context) => {
    const fault = (path: (string | number)[], message: string) => context.addIssue({ code: 'custom', path, message });
    one.rate.forEach(([at], index) => {
      if (at < (one.rate[index - 1]?.[0] ?? 0)) fault(['rate', index], 'is earlier than the point before it');
    });
    const most = Math.max(one.partitions, ...(one.events ?? []).map((e) => (e.kind === 'partitions' ? e.count : 0)));
    one.events?.forEach((e, index) => {
      if ('until' in e && e.until <= e.at) fault(['events', index, 'until'], 'must be later than `at`');
      if (e.kind === 'poison' && e.partition >= most)
        fault(['events', index, 'partition'], 'is not a partition there is');
      if (e.kind === 'unknown-partitions' && e.partitions.some((p) => p >= most))
        fault(['events', index, 'partitions'], 'names a partition there is not');
    });
  });

/**
 * Reads a file of scenarios: a JSON array of `Scenario`.
 * @throws DomainError `invalid` with one sentence that names the first field that is wrong
 */
export function parseScenarios(text: string): Scenario[] {
  const parsed = z.array(scenario).min(1).safeParse(readJson(text));
  if (parsed.success) return parsed.data;
  const [issue] = parsed.error.issues;
  const at = (issue?.path ?? []).reduce<string>(
    (path, key) => path + (typeof key === 'number' ? `[${key}]` : `.${String(key)}`),
    '',
  );
  throw invalid(`scenarios${at} is not right: ${issue?.message ?? 'unknown'}.`);
}

function readJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch (error) {
    throw invalid(`The scenarios are not JSON: ${(error as Error).message}.`);
  }
}

function invalid(detail: string): DomainError {
  return new DomainError('invalid', { code: 'bad-scenarios', detail });
}

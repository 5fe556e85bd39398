import { z } from 'zod';
import { type Policy, policyOf } from '../law/policy.ts';

export const resource = { group: 'lagscaler.io', version: 'v1alpha1', plural: 'lagscalers' } as const;

const condition = z.object({
  type: z.string(),
  status: z.enum(['True', 'False', 'Unknown']),
  observedGeneration: z.number().optional(),
  lastTransitionTime: z.string(),
  reason: z.string(),
  message: z.string(),
});

const status = z.object({
  observedGeneration: z.number(),
  lag: z.number().nullish(),
  ageSeconds: z.number().nullish(),
  partitions: z.number().nullish(),
  desiredReplicas: z.number().nullish(),
  currentReplicas: z.number().nullish(),
  reason: z.string().nullish(),
  lastScaleTime: z.string().nullish(),
  stalledPartitions: z.array(z.object({ partition: z.number(), offset: z.number() })).nullish(),
  learned: z
    .object({
      messagesPerSecond: z.number().exactOptional(),
      startSeconds: z.number().exactOptional(),
      rebalanceSeconds: z.number().exactOptional(),
      shortestRebalanceSeconds: z.number().exactOptional(),
      reachesEnd: z.boolean().exactOptional(),
    })
    .nullish(),
  conditions: z.array(condition).optional(),
});

const policy = z.object({
  assignor: z.enum(['round-robin', 'range', 'unknown']).exactOptional(),
  startFrom: z.enum(['earliest', 'latest']).exactOptional(),
  partitionsAtOnce: z.number().exactOptional(),
  messagesPerSecondPerReplica: z.number().exactOptional(),
  startSeconds: z.number().exactOptional(),
  rebalanceSeconds: z.number().exactOptional(),
  rebalancesPerHour: z.number().exactOptional(),
  failsafe: z.object({ afterSeconds: z.number(), replicas: z.number() }).exactOptional(),
});

/**
 * `charts/lag-controller/crds/lagscaler.yaml` says what each member means and may be; the API server has refused what breaks
 * its rules and filled in its defaults. A null in a status is a member that is not written.
 */
export const lagScalerSchema = z.object({
  metadata: z.object({
    name: z.string(),
    namespace: z.string(),
    uid: z.string(),
    generation: z.number(),
    creationTimestamp: z.string(),
    deletionTimestamp: z.string().optional(),
    annotations: z.record(z.string(), z.string()).optional(),
  }),
  spec: z.object({
    scaleTargetRef: z.object({
      apiVersion: z.literal('apps/v1'),
      kind: z.enum(['Deployment', 'StatefulSet']),
      name: z.string(),
    }),
    consumerGroup: z.string(),
    topic: z.string(),
    minReplicas: z.number(),
    maxReplicas: z.number().optional(),
    objective: z.object({ lagSeconds: z.number() }),
    consumerMetrics: z.object({ service: z.string(), port: z.number(), path: z.string() }).optional(),
    policy,
    dryRun: z.boolean(),
  }),
  status: status.optional(),
});

export type LagScaler = z.infer<typeof lagScalerSchema>;
export type LagScalerStatus = z.infer<typeof status>;
export type Condition = z.infer<typeof condition>;
export type TargetRef = LagScaler['spec']['scaleTargetRef'];

/** `namespace/name`, as everything else calls it. */
export function nameOf({ metadata }: LagScaler): string {
  return `${metadata.namespace}/${metadata.name}`;
}

export function targetName({ kind, name }: TargetRef): string {
  return `${kind} ${name}`;
}

const pauses = [
  ['lagscaler.io/paused', 'all'],
  ['lagscaler.io/paused-scale-in', 'scale-in'],
  ['lagscaler.io/paused-scale-out', 'scale-out'],
] as const;

/** Both halves paused are the whole. */
export function pauseOf({ annotations = {} }: LagScaler['metadata']): Policy['pause'] {
  const found = pauses.filter(([annotation]) => annotations[annotation] === 'true').map(([, pause]) => pause);
  return found.length > 1 ? 'all' : found[0];
}

export function policyOfLagScaler({ metadata, spec }: LagScaler): Policy {
  const pause = pauseOf(metadata);
  return policyOf({
    ...spec.policy,
    lagSeconds: spec.objective.lagSeconds,
    minReplicas: spec.minReplicas,
    ...(spec.maxReplicas !== undefined && { maxReplicas: spec.maxReplicas }),
    ...(pause && { pause }),
  });
}

/** As Kubernetes writes times: in whole seconds. */
export function timeOf(ms: number): string {
  return new Date(ms).toISOString().replace(/\.\d+Z$/, 'Z');
}

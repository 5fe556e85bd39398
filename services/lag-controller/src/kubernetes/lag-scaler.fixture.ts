import type { LagScaler } from './lag-scaler.ts';

/** A LagScaler as the API server gives it: with every default filled in. */
export function lagScalerOf(
  changes: { name?: string; createdAt?: string; annotations?: Record<string, string> } & Partial<
    LagScaler['spec']
  > = {},
): LagScaler {
  const { name = 'payments', createdAt = '2026-01-01T00:00:00Z', annotations = {}, ...spec } = changes;
  return {
    metadata: {
      name,
      namespace: 'shop',
      uid: `uid-of-${name}`,
      generation: 3,
      creationTimestamp: createdAt,
      annotations,
    },
    spec: {
      scaleTargetRef: { apiVersion: 'apps/v1', kind: 'Deployment', name: 'payments' },
      consumerGroup: 'payments-service-group',
      topic: 'orders.created',
      minReplicas: 1,
      objective: { lagSeconds: 30 },
      policy: {},
      dryRun: false,
      ...spec,
    },
  };
}

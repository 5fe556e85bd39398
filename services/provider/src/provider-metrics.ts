import { counter, type Registry } from '@shop/shared/metrics';
import type { Fault } from './simulation.ts';

export interface ProviderMetrics {
  readonly onFault: (kind: Fault['kind']) => void;
}

export function providerMetrics(registry: Registry): ProviderMetrics {
  const faults = counter(registry, 'provider_faults_total', 'Simulated faults that struck', ['kind']);
  return { onFault: (kind) => faults.inc({ kind }) };
}

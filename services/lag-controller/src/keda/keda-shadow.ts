import type { Round, Scaler } from '../scaler.ts';
import { type KedaState, kedaDefaults, kedaSync, newKedaState } from './keda.ts';

const syncMs = 15_000;

interface Shadow {
  readonly syncedAtMs: number;
  readonly state: KedaState;
  readonly replicas: number | undefined;
}

/**
 * What KEDA (its default threshold, the scaler's bounds) and the HPA would ask for from the replicas that there are, each 15 s.
 * It shows the next step of theirs, not where they would be by now: the lag is what our replicas make of it.
 */
export function kedaShadow(): {
  readonly listen: (scaler: Scaler, round: Round) => void;
  readonly replicas: (scaler: string) => number | undefined;
  readonly forget: (scaler: string) => void;
} {
  const shadows = new Map<string, Shadow>();
  return {
    listen({ name, policy: { minReplicas, maxReplicas, startFrom } }, { observation }) {
      const last = shadows.get(name);
      if (last && observation.atMs - last.syncedAtMs < syncMs) return;
      const { partitions, target } = observation;
      if (!target) return;
      const { state, replicas } = kedaSync(last?.state ?? newKedaState, observation, target.current, {
        ...kedaDefaults,
        minReplicas,
        maxReplicas: maxReplicas ?? partitions?.length ?? kedaDefaults.maxReplicas,
        offsetResetPolicy: startFrom,
      });
      shadows.set(name, { syncedAtMs: observation.atMs, state, replicas });
    },
    replicas: (scaler) => shadows.get(scaler)?.replicas,
    forget: (scaler) => void shadows.delete(scaler),
  };
}

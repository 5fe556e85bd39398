import { type KedaSettings, kedaDefaults, kedaPoll, kedaSync, newKedaState } from '../keda/keda.ts';
import type { ControllerKind } from './controllers.ts';

/** KEDA with its HPA: synced every 15 s, polled every 30 s in between. Its maximum is the topic's, as a careful user sets it. */
export function keda(name: string, chosen: Partial<KedaSettings>): ControllerKind {
  return {
    name,
    forRun: ({ partitions }) => {
      const settings: KedaSettings = {
        ...kedaDefaults,
        offsetResetPolicy: 'earliest',
        maxReplicas: partitions,
        ...chosen,
      };
      let state = newKedaState;
      return {
        name,
        everySeconds: 5,
        looksAt,
        restart: () => {
          state = newKedaState;
        },
        decide: (observation) => {
          const second = Math.round(observation.atMs / 1_000);
          if (isPoll(second)) state = kedaPoll(state, observation);
          if (!isSync(second)) return undefined;
          const synced = kedaSync(state, observation, observation.target?.current ?? 1, settings);
          state = synced.state;
          return synced.replicas;
        },
      };
    },
  };
}

const isSync = (second: number) => second % 15 === 0;
const isPoll = (second: number) => second % 30 === 10;
const looksAt = (second: number) => isSync(second) || isPoll(second);

export const kedaThresholds = [10, 25, 50, 100, 200, 500, 1_000, 1_500] as const;
export const kedaVariants = {
  even: { ensureEvenDistributionOfPartitions: true },
  exclude: { excludePersistentLag: true },
  limit: { limitToPartitionsWithLag: true },
} as const;
export const kedaRates = [20, 30, 40, 60, 90] as const;

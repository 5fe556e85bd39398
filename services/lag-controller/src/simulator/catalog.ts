import { type ControllerKind, fixed, lagController } from './controllers.ts';
import { keda, kedaRates, kedaThresholds, kedaVariants } from './keda-controller.ts';
import { calmOracle, oracle } from './oracle.ts';
import { brandwatch, numaflow } from './peers.ts';

const named = new Map(
  [
    lagController('lag-controller', { work: true }),
    lagController('lag-controller-offsets', { work: false }),
    brandwatch,
    numaflow,
    oracle,
    calmOracle,
  ].map((kind) => [kind.name, kind]),
);

/** The controller of that name: those of `usualControllers`, `static-N`, and KEDA with any threshold; else `undefined`. */
export function controllerNamed(name: string): ControllerKind | undefined {
  const replicas = /^static-([1-9]\d{0,2})$/.exec(name)?.[1];
  if (replicas) return fixed(Number(replicas));
  return named.get(name) ?? kedaNamed(name);
}

function kedaNamed(name: string): ControllerKind | undefined {
  const parts = /^keda-([1-9]\d{0,6})(?:-(even|exclude|limit)|-rate-([1-9]\d{0,6}))?$/.exec(name);
  if (!parts) return undefined;
  const [, threshold, variant, rate] = parts;
  return keda(name, {
    lagThreshold: Number(threshold),
    ...(variant ? kedaVariants[variant as keyof typeof kedaVariants] : {}),
    ...(rate ? { messagesPerSecondPerReplica: Number(rate) } : {}),
  });
}

/** Everything that is compared, for a topic of so many partitions: KEDA swept over its settings, since one says nothing. */
export function usualControllers(partitions: number): string[] {
  const swept = kedaThresholds.flatMap((threshold) => [
    `keda-${threshold}`,
    ...Object.keys(kedaVariants).map((variant) => `keda-${threshold}-${variant}`),
  ]);
  const dual = [25, 50, 100, 500].flatMap((threshold) => kedaRates.map((rate) => `keda-${threshold}-rate-${rate}`));
  return [
    'lag-controller',
    'lag-controller-offsets',
    `static-${partitions}`,
    ...swept,
    ...dual,
    'brandwatch',
    'numaflow',
    'oracle',
    'oracle-calm',
  ];
}

import { normal, randomFrom } from './random.ts';
import type { Scenario, ScenarioEvent } from './scenario.ts';

/** What the built-in scenarios are played on. Their loads grow with the partitions, not with the speed. */
export interface Setting {
  readonly partitions: number;
  readonly messagesPerSecondPerReplica: number;
  readonly rebalanceSeconds: number;
}

export const usualSetting: Setting = { partitions: 12, messagesPerSecondPerReplica: 50, rebalanceSeconds: 5 };

type Rate = [number, number][];

interface Shape {
  readonly durationSeconds: number;
  readonly rate: Rate;
  readonly weights?: number[];
  readonly events?: ScenarioEvent[];
}

/** The loads that a controller is judged by; noise that is slower than a second differs with the seed. Rates are for 12 partitions. */
export function builtInScenarios(seed: number, setting: Setting = usualSetting): Scenario[] {
  const scale = setting.partitions / 12;
  return Object.entries(shapes(seed, setting.partitions)).map(([name, shape]) => ({
    name,
    ...setting,
    startSeconds: 10,
    commitSeconds: 5,
    sloSeconds: 30,
    ...shape,
    rate: shape.rate.map(([second, rate]) => [second, rate * scale] as const),
    events: shape.events?.map((event) =>
      event.kind === 'downstream-cap' ? { ...event, messagesPerSecond: event.messagesPerSecond * scale } : event,
    ),
  }));
}

function shapes(seed: number, partitions: number): Record<string, Shape> {
  const hour = 3_600;
  const first = (weight: number) => [weight, ...Array.from({ length: partitions - 1 }, () => 1)];
  return {
    step: { durationSeconds: hour, rate: steps([0, 100], [600, 400], [2_400, 100]) },
    ramp: {
      durationSeconds: hour,
      rate: [
        [300, 50],
        [1_500, 500],
        [1_800, 500],
        [3_000, 50],
      ],
    },
    spike: { durationSeconds: hour, rate: steps([0, 80], [900, 800], [960, 80], [2_100, 800], [2_160, 80]) },
    diurnal: { durationSeconds: 2 * hour, rate: diurnal(seed, 2 * hour) },
    noisy: { durationSeconds: hour, rate: noisy(seed, hour) },
    skew: {
      durationSeconds: hour,
      weights: first(2),
      rate: [
        [300, 100],
        [1_200, 280],
        [2_400, 280],
        [3_300, 100],
      ],
    },
    // A quarter more than one replica of the usual speed can do falls to one partition: its own lag is nobody's fault.
    hot: { durationSeconds: hour, weights: first((0.21 * (partitions - 1)) / 0.79), rate: [[0, 300]] },
    slow: { durationSeconds: hour, rate: [[0, 220]], events: [{ kind: 'slow', at: 600, until: 2_100, factor: 0.5 }] },
    downstream: {
      durationSeconds: hour,
      rate: [[0, 200]],
      events: [{ kind: 'downstream-cap', at: 600, until: 1_800, messagesPerSecond: 150 }],
    },
    poison: {
      durationSeconds: hour,
      rate: [[0, 150]],
      events: [{ kind: 'poison', at: 600, until: 2_400, partition: 3 }],
    },
    outage: {
      durationSeconds: hour,
      rate: steps([0, 150], [900, 0], [1_020, 450], [1_080, 150]),
      events: [{ kind: 'outage', at: 900, until: 1_020 }],
    },
    'partial-outage': {
      durationSeconds: hour,
      rate: [[0, 200]],
      events: [{ kind: 'unknown-partitions', at: 900, until: 1_200, partitions: [3, Math.min(7, partitions - 1)] }],
    },
    'rolling-update': {
      durationSeconds: hour,
      rate: [[0, 250]],
      events: [1_200, 2_400].map((at) => ({ kind: 'rolling-update', at })),
    },
    'controller-restart': {
      durationSeconds: hour,
      rate: steps([0, 100], [600, 400], [2_400, 100]),
      events: [300, 615, 1_200, 2_415, 3_000].map((at) => ({ kind: 'controller-restart', at })),
    },
    'lost-replica': {
      durationSeconds: hour,
      rate: [[0, 250]],
      events: [900, 1_800, 2_700].map((at) => ({ kind: 'lost-replica', at, sessionSeconds: 30 })),
    },
    'partition-increase': {
      durationSeconds: hour,
      rate: [
        [600, 200],
        [2_400, 800],
        [3_000, 800],
        [3_600, 200],
      ],
      events: [{ kind: 'partitions', at: 1_200, count: 2 * partitions }],
    },
  };
}

/** A level from each second on, changed within one. */
function steps(...levels: Rate): Rate {
  return levels.flatMap(([second, rate], index): Rate => {
    const before = levels[index - 1]?.[1];
    return before === undefined
      ? [[second, rate]]
      : [
          [second - 1, before],
          [second, rate],
        ];
  });
}

function diurnal(seed: number, durationSeconds: number): Rate {
  const random = randomFrom(seed * 31 + 7);
  return every(30, durationSeconds, (second) => {
    const tide = 280 - 220 * Math.cos((2 * Math.PI * second) / durationSeconds);
    return tide * Math.exp(0.15 * normal(random));
  });
}

function noisy(seed: number, durationSeconds: number): Rate {
  const random = randomFrom(seed * 17 + 3);
  return every(60, durationSeconds, () => 220 * Math.exp(0.6 * normal(random) - 0.18));
}

function every(seconds: number, durationSeconds: number, rate: (second: number) => number): Rate {
  return Array.from({ length: Math.floor(durationSeconds / seconds) + 1 }, (_, index) => [
    index * seconds,
    rate(index * seconds),
  ]);
}

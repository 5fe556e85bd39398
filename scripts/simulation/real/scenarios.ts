import type { Scenario } from '../../../services/lag-controller/src/simulator/scenario.ts';

const durationSeconds = 165;
const usual = {
  durationSeconds,
  partitions: 6,
  messagesPerSecondPerReplica: 40,
  commitSeconds: 0.1,
  sloSeconds: 10,
  // Replaced by what is measured.
  startSeconds: 2,
  rebalanceSeconds: 2,
};

/** Three loads in compressed time: what is an hour or a day elsewhere is three minutes here. */
export const realScenarios: readonly Scenario[] = [
  {
    ...usual,
    name: 'burst',
    rate: [
      [39, 30],
      [40, 160],
      [90, 160],
      [91, 30],
    ],
  },
  {
    ...usual,
    name: 'diurnal',
    rate: Array.from({ length: durationSeconds / 5 + 1 }, (_, index) => [
      5 * index,
      100 - 80 * Math.cos((2 * Math.PI * 5 * index) / durationSeconds),
    ]),
  },
  { ...usual, name: 'slow consumer', rate: [[0, 70]], events: [{ kind: 'slow', at: 40, until: 110, factor: 0.5 }] },
];

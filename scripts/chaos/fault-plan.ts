/** What is done to the shop and when, drawn from a seed. Pure: the same seed plans the same run. */

/** By what `--faults` calls them. */
export const faultKinds = {
  kill: ['kill'],
  freeze: ['freeze'],
  scale: ['scale-up', 'scale-down'],
  broker: ['broker-restart', 'broker-kill'],
  database: ['database-restart'],
  network: ['delay', 'reset', 'black-hole', 'lost-acknowledgement'],
  queue: ['queue-kill'],
  leader: ['broker-freeze'],
} as const;

export type FaultKind = keyof typeof faultKinds;
export type Fault = (typeof faultKinds)[FaultKind][number];

export interface PlannedFault {
  readonly atMs: number;
  readonly fault: Fault;
  /** From 0 to 1: which of those that can be hit just then. */
  readonly pick: number;
  /** How long it lasts, where it lasts. */
  readonly forMs: number;
}

/** How many of each for every kill, and how long they last. */
const shapes: Readonly<Record<Fault, { readonly perKill: number; readonly ms: readonly [number, number] }>> = {
  kill: { perKill: 1, ms: [0, 0] },
  // Longer than the session of 6 s and the leases, 3 s in orders and 7 s in payments.
  freeze: { perKill: 1 / 4, ms: [8_000, 10_000] },
  'scale-up': { perKill: 1 / 6, ms: [0, 0] },
  'scale-down': { perKill: 1 / 6, ms: [0, 0] },
  'broker-restart': { perKill: 1 / 12, ms: [500, 2_000] },
  'broker-kill': { perKill: 1 / 12, ms: [0, 0] },
  'database-restart': { perKill: 1 / 12, ms: [500, 2_000] },
  delay: { perKill: 1 / 6, ms: [2_000, 4_000] },
  reset: { perKill: 1 / 4, ms: [0, 0] },
  'black-hole': { perKill: 1 / 6, ms: [3_000, 8_000] },
  'lost-acknowledgement': { perKill: 1 / 3, ms: [5_000, 5_000] },
  'queue-kill': { perKill: 1 / 12, ms: [0, 0] },
  // Longer than the broker's session of 3 s, so that others lead: it comes back to sends of 5 s that were meant for it, or to
  // none, as they were given up and made anew.
  'broker-freeze': { perKill: 1 / 4, ms: [4_000, 10_000] },
};

export interface PlanOptions {
  readonly random: () => number;
  readonly kills: number;
  readonly kinds: readonly FaultKind[];
  readonly durationMs: number;
}

/**
 * `kills` kills over `durationMs`, each somewhere in its own share of the time, and the other faults in proportion. Every
 * chosen fault comes at least once, and payments are scaled up before they are scaled down.
 */
export function planFaults({ random, kills, kinds, durationMs }: PlanOptions): PlannedFault[] {
  const planned = kinds.flatMap((kind) =>
    faultKinds[kind].flatMap((fault) => {
      const { perKill, ms } = shapes[fault];
      const count = Math.ceil(kills * perKill);
      const shareMs = durationMs / count;
      return Array.from({ length: count }, (_, index) => {
        // Half a share later than up, so that they alternate.
        const shift = fault === 'scale-up' ? 0 : fault === 'scale-down' ? 0.5 : random();
        return {
          atMs: Math.round((index + shift) * shareMs),
          fault,
          pick: random(),
          forMs: Math.round(ms[0] + random() * (ms[1] - ms[0])),
        };
      });
    }),
  );
  return planned.sort((a, b) => a.atMs - b.atMs);
}

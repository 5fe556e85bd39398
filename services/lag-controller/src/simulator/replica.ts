/** One consumer, from when it was asked for. Times in seconds. */
export interface Replica {
  readonly name: string;
  readonly readyAt: number;
  readonly version: number;
  /** It starts in order to take the place of one of the old version. */
  readonly isSurge: boolean;
  /** It has died without a word; the group waits for it until then. */
  missedUntil: number | undefined;
  handled: number;
  busySeconds: number;
}

export function newReplica(number: number, start: Pick<Replica, 'readyAt' | 'version' | 'isSurge'>): Replica {
  return { name: `replica-${number}`, ...start, missedUntil: undefined, handled: 0, busySeconds: 0 };
}

import type { WorkSample } from '../../../services/lag-controller/src/law/observation.ts';

/** What a consumer process is started with, as JSON in its first argument. */
export interface ConsumerOrders {
  readonly brokers: string;
  readonly group: string;
  readonly topic: string;
  readonly messagesPerSecond: number;
}

/** A time, in ms since the epoch, in which a consumer works at `factor` times its speed. */
export interface SlowSpan {
  readonly fromMs: number;
  readonly untilMs: number;
  readonly factor: number;
}

/** What a consumer process tells of itself, over the channel that Node gives it. */
export type ConsumerNews =
  | { readonly kind: 'joined'; readonly atMs: number }
  | { readonly kind: 'rebalancing'; readonly atMs: number }
  /** It takes its first message since it joined. */
  | { readonly kind: 'resumed'; readonly atMs: number }
  | {
      readonly kind: 'work';
      /** By partition: the offset behind the last message that it finished. */
      readonly finished: readonly (readonly [partition: number, next: number])[];
      readonly work: Omit<WorkSample, 'replica'>;
    };

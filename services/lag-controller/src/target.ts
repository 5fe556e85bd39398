import type { TargetSample } from './law/observation.ts';

/** Something whose replicas can be counted and set: a Deployment, or processes on this machine. */
export interface Target {
  /** @throws DomainError `unavailable`, or `not-found` when there is no such target */
  readonly read: () => Promise<TargetSample>;
  /**
   * Asks for `replicas` and resolves when the request was taken, not when they run. Safe to repeat.
   * @throws DomainError `unavailable`, or `stale` when the target has changed since it was read
   */
  readonly scale: (replicas: number) => Promise<void>;
}

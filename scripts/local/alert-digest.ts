import { type Alert, phrase } from './log-line.ts';

const quietMs = 10_000;

/** Lets the same warning of the same service through once in ten seconds, and tells how many were held back. */
export class AlertDigest {
  readonly #shown = new Map<string, { atMs: number; heldBack: number }>();
  readonly #nowMs: () => number;

  constructor(nowMs: () => number) {
    this.#nowMs = nowMs;
  }

  /** @returns the line to show, or `undefined` if it was shown just now */
  take(service: string, alert: Alert): string | undefined {
    const key = `${service} ${alert.level} ${alert.message}`;
    const atMs = this.#nowMs();
    const before = this.#shown.get(key);
    if (before && atMs - before.atMs < quietMs) {
      before.heldBack += 1;
      return undefined;
    }
    this.#shown.set(key, { atMs, heldBack: 0 });
    const more = before?.heldBack ? ` (and ${before.heldBack} more like it)` : '';
    return `${service} ${alert.level}: ${phrase(alert)}${more}`;
  }
}

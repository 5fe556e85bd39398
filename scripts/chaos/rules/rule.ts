import type { Evidence } from '../evidence.ts';

/** A promise of the shop, and every way in which the evidence breaks it, a sentence each. */
export interface Rule {
  readonly promise: string;
  readonly faults: (evidence: Evidence) => string[];
  /** False where nothing was recorded that could show it; always true where not given. */
  readonly isAbout?: (evidence: Evidence) => boolean;
}

export const decisionTopics: Readonly<Record<string, string>> = {
  PAGO: 'orders.paid',
  CANCELADO: 'orders.failed',
  FALHA: 'orders.failed',
};

export function isDecided(word: string | undefined): boolean {
  return word !== undefined && word in decisionTopics;
}

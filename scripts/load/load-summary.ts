import { formatStatus, type OrderStatus } from '../../services/shared/src/contracts/order-status.ts';
import { formatLatency } from '../command-line/duration.ts';
import { percentile } from '../measuring/percentile.ts';
import type { Audit } from './charge-audit.ts';
import type { LoadState } from './load-run.ts';

const outcomes: readonly OrderStatus[] = ['paid', 'failed', 'canceled'];

/** The end of a load run for people; the last line says whether anything is wrong. */
export function summarize(state: LoadState, audit: Audit): { readonly text: string; readonly isWell: boolean } {
  const decisions = [...state.decisions.values()];
  const count = (status: OrderStatus) => decisions.filter(({ word }) => word === formatStatus(status)).length;
  const lost = state.accepted - state.decided;
  const rate = state.placingMs > 0 ? (state.accepted / state.placingMs) * 1_000 : 0;
  const faults = [
    ...(state.firstFault === undefined ? [] : [`the first order that was not accepted: ${state.firstFault}`]),
    ...audit.faults.slice(0, 10),
    ...(audit.faults.length > 10 ? [`and ${audit.faults.length - 10} orders more are charged wrongly`] : []),
  ];
  const isWell = state.accepted > 0 && lost === 0 && state.unanswered === 0 && audit.faults.length === 0;
  const text = [
    `accepted   ${state.accepted} (${rate.toFixed(1)}/s), refused ${state.refused}, unanswered ${state.unanswered}`,
    `decided    ${state.decided}: ${outcomes.map((status) => `${formatStatus(status)} ${count(status)}`).join(', ')}; lost ${lost}`,
    latencyLine('accept', state.acceptMs),
    latencyLine(
      'decision',
      decisions.map(({ tookMs }) => tookMs),
    ),
    `charged    ${audit.captured} times by the provider's own ledger, ${audit.faults.length} orders wrongly`,
    ...faults.map((fault) => `  ${fault}`),
    isWell ? 'Every accepted order was decided, and charged exactly as its status says.' : verdict(state, lost, audit),
  ].join('\n');
  return { text, isWell };
}

function latencyLine(name: string, values: readonly number[]): string {
  const texts = [50, 95, 99].map((percent) => {
    const value = percentile(values, percent);
    return `p${percent} ${value === undefined ? '–' : formatLatency(value)}`;
  });
  return `${name.padEnd(10)} ${texts.join('   ')}`;
}

function verdict({ accepted, unanswered }: LoadState, lost: number, { faults }: Audit): string {
  if (accepted === 0) return 'NOT WELL: no order was accepted.';
  return `NOT WELL: ${lost} orders lost, ${unanswered} unanswered, ${faults.length} charged wrongly.`;
}

import type { Timeline, TimelinePoint } from '../../reporting/timeline.ts';
import { meaningOf } from '../reason-words.ts';
import {
  decisionWords,
  formatCount,
  formatDuration,
  formatRate,
  headlineOf,
  remarksOf,
  replicaWords,
  unknown,
} from '../wording.ts';
import { html } from './elements.ts';
import { formatTime } from './times.ts';

/** The newest round in plain words. */
export function showNow(section: HTMLElement, timeline: Timeline, point: TimelinePoint | undefined): void {
  const { scaler, group, topic } = timeline;
  section.replaceChildren(
    html(
      'div',
      { class: 'title' },
      html('h2', { id: 'scaler-name' }, scaler),
      html('p', {}, 'group ', html('code', {}, group), ' on topic ', html('code', {}, topic)),
    ),
    ...(point ? [statement(timeline, point), figures(point), ...notices(point)] : []),
  );
}

function statement({ lagSeconds }: Timeline, point: TimelinePoint): HTMLElement {
  const { state, words } = headlineOf(point.ageSeconds, lagSeconds);
  const mark = { within: '✓', over: '!', unknown: '?' }[state];
  return html(
    'div',
    { class: 'statement', 'data-state': state },
    html('p', { class: 'verdict' }, html('span', { class: 'mark', 'aria-hidden': 'true' }, mark), words),
    html(
      'p',
      { class: 'age' },
      html('strong', {}, formatDuration(point.ageSeconds)),
      html('span', {}, `age of the oldest message; the objective is ${formatDuration(lagSeconds)}`),
    ),
    html(
      'p',
      { class: 'decision' },
      html('strong', {}, `${decisionWords(point)}.`),
      ` ${meaningOf(point.reason).sentence} `,
      html('span', { class: 'when' }, `Round of ${formatTime(point.atMs)}.`),
    ),
  );
}

function figures(point: TimelinePoint): HTMLElement {
  const pairs = [
    ['Replicas', replicaWords(point)],
    ['Wanted', String(point.desired ?? unknown)],
    ['Partitions', String(point.partitions ?? unknown)],
    ['Waiting', formatCount(point.backlog)],
    ['Arriving', formatRate(point.arrivalRate)],
    ['Handled', formatRate(point.consumptionRate)],
  ];
  return html(
    'dl',
    { class: 'figures' },
    ...pairs.map(([name = '', value = '']) => {
      const kind = value === unknown ? { class: 'unknown' } : {};
      return html('div', {}, html('dt', {}, name), html('dd', kind, value));
    }),
  );
}

function notices(point: TimelinePoint): readonly HTMLElement[] {
  const sentences = remarksOf(point);
  if (sentences.length === 0) return [];
  return [html('ul', { class: 'notice' }, ...sentences.map((sentence) => html('li', {}, sentence)))];
}

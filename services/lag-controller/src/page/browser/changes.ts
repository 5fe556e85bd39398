import type { TimelinePoint } from '../../reporting/timeline.ts';
import { gapMsOf } from '../points.ts';
import { meaningOf } from '../reason-words.ts';
import { type Stretch, stretchesOf } from '../stretches.ts';
import { decisionWords, formatDuration } from '../wording.ts';
import { html } from './elements.ts';
import { formatTime } from './times.ts';

const most = 12;

/** The newest decisions that differ from the one before, newest first. */
export function showChanges(list: HTMLElement, points: readonly TimelinePoint[]): void {
  const stretches = stretchesOf(points, gapMsOf(points)).slice(-most).reverse();
  list.replaceChildren(...stretches.map(entry));
}

function entry({ first, untilMs, remarks }: Stretch): HTMLElement {
  const { mood, sentence } = meaningOf(first.reason);
  const mark = { up: '▲', down: '▼', hold: '' }[first.action];
  const lasted = `for ${formatDuration(Math.round((untilMs - first.atMs) / 1_000))}`;
  const isLasting = first.action === 'hold' && untilMs > first.atMs;
  return html(
    'li',
    { 'data-mood': mood },
    html('time', { datetime: new Date(first.atMs).toISOString() }, formatTime(first.atMs)),
    html(
      'div',
      {},
      html(
        'p',
        {},
        ...(mark === '' ? [] : [html('span', { class: `change ${first.action}`, 'aria-hidden': 'true' }, `${mark} `)]),
        html('strong', {}, decisionWords(first)),
        ' ',
        html('span', { class: 'lasted' }, isLasting ? lasted : ''),
      ),
      html('p', { class: 'why' }, sentence),
      ...(remarks.length === 0 ? [] : [html('ul', {}, ...remarks.map((remark) => html('li', {}, remark)))]),
    ),
  );
}

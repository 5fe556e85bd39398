import type { TimelinePoint } from '../../reporting/timeline.ts';
import {
  decisionWords,
  formatCount,
  formatDuration,
  formatRate,
  remarksOf,
  replicaWords,
  unknown,
} from '../wording.ts';
import { html } from './elements.ts';
import { formatTime } from './times.ts';

const mostRows = 720;

const columns: readonly (readonly [string, (point: TimelinePoint) => string])[] = [
  ['Time', ({ atMs }) => formatTime(atMs)],
  ['Age', ({ ageSeconds }) => formatDuration(ageSeconds)],
  ['Waiting', ({ backlog }) => formatCount(backlog)],
  ['Arriving', ({ arrivalRate }) => formatRate(arrivalRate)],
  ['Handled', ({ consumptionRate }) => formatRate(consumptionRate)],
  ['Replicas', replicaWords],
  ['Wanted', ({ desired }) => String(desired ?? unknown)],
  ['Partitions', ({ partitions }) => String(partitions ?? unknown)],
  ['Decision', decisionWords],
  ['Remarks', (point) => remarksOf(point).join('; ')],
];

/** The same figures as in the plots, in words, newest first. Rows are added at the top: the others stay as they are. */
export function roundsTable(place: HTMLElement) {
  const body = html('tbody', {});
  const head = html('tr', {}, ...columns.map(([name]) => html('th', { scope: 'col' }, name)));
  // What scrolls must be within reach of the keyboard.
  place.tabIndex = 0;
  const title = html('caption', { class: 'unseen' }, 'All rounds shown, newest first');
  place.append(html('table', {}, title, html('thead', {}, head), body));
  let rows: readonly number[] = [];
  let shownScaler: string | undefined;
  return (scaler: string, points: readonly TimelinePoint[]) => {
    const wanted = points.slice(-mostRows).reverse();
    const newest = wanted.findIndex(({ atMs }) => atMs === rows[0]);
    const isContinued =
      scaler === shownScaler && newest >= 0 && wanted.slice(newest).every(({ atMs }, index) => atMs === rows[index]);
    if (!isContinued) body.replaceChildren();
    body.prepend(...wanted.slice(0, isContinued ? newest : wanted.length).map(row));
    while (body.rows.length > wanted.length) body.deleteRow(-1);
    rows = wanted.map(({ atMs }) => atMs);
    shownScaler = scaler;
  };
}

function row(point: TimelinePoint): HTMLElement {
  const cells = columns.map(([, read], index) =>
    index === 0 ? html('th', { scope: 'row' }, read(point)) : html('td', {}, read(point)),
  );
  return html('tr', {}, ...cells);
}

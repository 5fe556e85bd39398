import type { Timeline, TimelinePoint } from '../../reporting/timeline.ts';
import { livenessOf } from '../liveness.ts';
import { intervalMsOf, merged } from '../points.ts';
import { decisionWords, formatDuration, headlineOf, pointSentence } from '../wording.ts';
import { showChanges } from './changes.ts';
import { byId } from './elements.ts';
import { fetchHistory, fetchScalers, follow } from './feed.ts';
import { showNow } from './now.ts';
import { plotsView } from './plots.ts';
import { roundsTable } from './rounds-table.ts';
import { scalerChoice } from './scaler-choice.ts';
import { formatTime } from './times.ts';

const keptMs = 3_600_000;
const retryMs = 2_000;

const content = byId('content', HTMLElement);
const readout = byId('readout', HTMLElement);
const announcer = byId('announcer', HTMLElement);
const lost = byId('lost', HTMLElement);
const liveness = byId('liveness', HTMLElement);
const windows = byId('windows', HTMLFieldSetElement);
const rounds = byId('rounds', HTMLDetailsElement);

let timeline: Timeline | undefined;
let names: readonly string[] = [];
let connection: 'connecting' | 'open' | 'lost' = 'connecting';
let lostSince: string | undefined;
let aheadMs = 0;
let announced = '';

const plots = plotsView(byId('plots', HTMLElement), (point, cause) => {
  showReadout(point);
  if (point && cause === 'key') announcer.textContent = pointSentence(point, formatTime(point.atMs));
});
const table = roundsTable(rounds.querySelector('.scroll') as HTMLElement);
const choice = scalerChoice(() => {
  timeline = undefined;
  plots.follow();
  void load();
});

/** Fetches what there is; points that came in between by the stream stay. */
async function load(): Promise<void> {
  try {
    const scalers = await fetchScalers();
    names = scalers.map(({ scaler }) => scaler);
    choice.offer(names);
    const chosen = choice.chosen();
    byId('empty', HTMLElement).hidden = chosen !== undefined;
    if (chosen === undefined) return;
    const fetched = await fetchHistory(chosen);
    if (choice.chosen() !== chosen) return;
    aheadMs = fetched.aheadMs;
    timeline = withPoints(fetched.timeline, timeline?.points ?? []);
    showAll();
  } catch {
    // The stream tells that the connection is lost; where only this request failed, the next one may not.
    if (connection === 'open') setTimeout(() => void load(), retryMs);
  }
}

function withPoints(to: Timeline, points: readonly TimelinePoint[]): Timeline {
  const newestMs = Math.max(to.points.at(-1)?.atMs ?? 0, points.at(-1)?.atMs ?? 0);
  return { ...to, points: merged(points, to.points, newestMs - keptMs) };
}

function showAll(): void {
  const newest = timeline?.points.at(-1);
  content.hidden = timeline === undefined;
  if (timeline === undefined || newest === undefined) return;
  showNow(byId('now', HTMLElement), timeline, newest);
  showChanges(byId('changes', HTMLElement), timeline.points);
  showPlots();
  showLiveness();
  const { words } = headlineOf(newest.ageSeconds, timeline.lagSeconds);
  announce(`${words}. ${decisionWords(newest)}.`);
}

function showPlots(): void {
  const newestMs = timeline?.points.at(-1)?.atMs;
  if (timeline === undefined || newestMs === undefined) return;
  // Time goes on where no point comes any more.
  const toMs = livenessNow().state === 'live' ? newestMs : Math.max(newestMs, Date.now() + aheadMs);
  const fromMs = toMs - windowMs();
  const points = timeline.points.filter(({ atMs }) => atMs >= fromMs);
  plots.show({ timeline, points, fromMs, toMs });
  if (!plots.isMarked()) showReadout(undefined);
  if (rounds.open) table(timeline.scaler, points);
}

/** As it is checked: by a reader who was faster than this script, or by a browser that restored the page, too. */
function windowMs(): number {
  const checked = windows.querySelector<HTMLInputElement>('input:checked');
  return 60_000 * Number(checked?.value ?? 15);
}

function showReadout(point: TimelinePoint | undefined): void {
  const shown = point ?? timeline?.points.at(-1);
  if (!shown) return;
  const prefix = point ? formatTime(shown.atMs) : `Newest, ${formatTime(shown.atMs)}`;
  readout.textContent = `${prefix} · ${decisionWords(shown)}`;
}

function livenessNow() {
  const points = timeline?.points ?? [];
  const newestAtMs = points.at(-1)?.atMs;
  return livenessOf(
    { connection, lostSince, newestAtMs, intervalMs: intervalMsOf(points.slice(-20)) },
    Date.now() + aheadMs,
  );
}

function showLiveness(): void {
  const { state, words } = livenessNow();
  liveness.dataset.state = state;
  byId('liveness-words', HTMLElement).textContent = state === 'lost' ? 'connection lost' : words;
  lost.hidden = state !== 'lost' && state !== 'stale';
  content.classList.toggle('old', !lost.hidden);
  const age = lost.hidden ? formatDuration(timeline?.points.at(-1)?.ageSeconds) : 'no news';
  document.title = [...(timeline ? [age, timeline.scaler] : []), 'Lag controller'].join(' · ');
  lost.textContent = {
    connecting: '',
    live: '',
    stale: `The controller is there, but no round has come: ${words}.`,
    lost: `Connection lost since ${lostSince}. What is shown is old (${words.split(', ').at(-1)}); trying again.`,
  }[state];
}

/** To who cannot see: only what is new. */
function announce(sentence: string): void {
  if (sentence === announced) return;
  announced = sentence;
  announcer.textContent = sentence;
}

function lose(): void {
  if (connection !== 'lost') lostSince = formatTime(Date.now());
  connection = 'lost';
  announce(`Connection lost since ${lostSince}.`);
  showLiveness();
}

follow({
  opened() {
    connection = 'open';
    lostSince = undefined;
    void load();
    showLiveness();
  },
  point(scaler, point) {
    if (!names.includes(scaler)) void load();
    if (timeline?.scaler !== scaler) return;
    timeline = withPoints(timeline, [point]);
    showAll();
  },
  lost: lose,
});

windows.addEventListener('change', showPlots);
rounds.addEventListener('toggle', showPlots);

setInterval(() => {
  showLiveness();
  if (livenessNow().state !== 'live') showPlots();
}, 1_000);

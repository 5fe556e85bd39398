import { existsSync, readFileSync } from 'node:fs';
import { stripTypeScriptTypes } from 'node:module';
import { join } from 'node:path';

/** What the browser runs: `entry`, and all that it imports. Pure files are the same here and in tests. */
const entry = 'browser/start.ts';
const modules = [
  entry,
  'browser/changes.ts',
  'browser/elements.ts',
  'browser/feed.ts',
  'browser/now.ts',
  'browser/plot.ts',
  'browser/plots.ts',
  'browser/rounds-table.ts',
  'browser/scaler-choice.ts',
  'browser/strip.ts',
  'browser/times.ts',
  'liveness.ts',
  'path.ts',
  'plan.ts',
  'points.ts',
  'reason-words.ts',
  'scale.ts',
  'stretches.ts',
  'wording.ts',
];

const styles = ['charts.css', 'colours.css', 'now.css', 'page.css'];

export interface Asset {
  /** Of the URL. */
  readonly path: string;
  /** As a file's extension. */
  readonly type: 'html' | 'css' | 'svg' | 'js';
  readonly body: string;
}

/**
 * Every file of the page, read once. From sources the browser gets the modules as they lie here, without their types. A
 * bundle has `page/` beside it, in which `browser/start.js` holds them all.
 *
 * @throws when a file is missing or is no erasable TypeScript
 */
export function readAssets(): readonly Asset[] {
  const beside = join(import.meta.dirname, 'page');
  const folder = existsSync(beside) ? beside : import.meta.dirname;
  const read = (name: string) => readFileSync(join(folder, name), 'utf8');
  const script = (name: string, body: string) => ({ path: `/page/${name}`, type: 'js', body }) as const;
  return [
    { path: '/', type: 'html', body: read('page.html') },
    ...styles.map((name) => ({ path: `/page/${name}`, type: 'css', body: read(name) }) as const),
    { path: '/page/icon.svg', type: 'svg', body: read('icon.svg') },
    ...(folder === beside
      ? [script(entry, read('browser/start.js'))]
      : modules.map((name) => script(name, stripTypeScriptTypes(read(name))))),
  ];
}

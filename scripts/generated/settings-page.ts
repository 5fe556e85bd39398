/** The page of settings, from the tables that the programs read them by. */
import { readdir } from 'node:fs/promises';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import type { Setting, Settings } from '../../services/shared/src/env.ts';
import { startSettings } from '../local/settings.ts';

const intro = `# Settings

Generated from the code by \`npm run generate\`. By environment; a start reports every fault at once. TLS for MongoDB is an option of
its URI. The charts set many of these from their values, which their READMEs list. \`npm start\` gives its services other defaults of some, for a burst to be work for
several processes: \`scripts/local/shop.ts\`. \`EMBEDDED_MONGODB\` (\`mongod\` or \`mongo-java-server\`) chooses the database that it runs, and
that the tests meet.`;

const root = join(import.meta.dirname, '../..');

export interface Program {
  readonly title: string;
  readonly settings: Settings;
}

/** `npm start` and every service that has a `config.ts`, by name. */
export async function programs(): Promise<Program[]> {
  const folders = await readdir(join(root, 'services'), { recursive: true });
  const configs = folders.filter((path) => /^[\w-]+\/src\/config\.ts$/.test(path)).sort();
  const services = configs.map(async (path) => {
    const { settings } = await import(pathToFileURL(join(root, 'services', path)).href);
    return { title: path.split('/')[0] as string, settings: settings as Settings };
  });
  return [{ title: '`npm start`', settings: startSettings }, ...(await Promise.all(services))];
}

const cell = (text: string) => text.replaceAll('|', '\\|').replaceAll('\n', ' ');

function defaultOf({ fallback, optional }: Setting<unknown>): string {
  if (fallback !== undefined) return `\`${cell(fallback.replace(`${root}/`, ''))}\``;
  return optional ? 'optional' : '**required**';
}

function rowOf(setting: Setting<unknown>): string {
  const { variable, about, secret } = setting;
  return `| \`${variable}\` | ${defaultOf(setting)} | ${cell(about)}${secret ? ' (secret: never shown)' : ''} |`;
}

/** The rows, and which programs have them: what several programs share is told once. */
function sharedRows(all: readonly Program[]): Map<string, string[]> {
  const titlesOfRow = new Map<string, string[]>();
  for (const { title, settings } of all)
    for (const row of Object.values(settings).map(rowOf))
      titlesOfRow.set(row, [...(titlesOfRow.get(row) ?? []), title]);
  const rowsOfTitles = new Map<string, string[]>();
  for (const [row, titles] of titlesOfRow) {
    const heading = titles.join(', ');
    rowsOfTitles.set(heading, [...(rowsOfTitles.get(heading) ?? []), row]);
  }
  return rowsOfTitles;
}

/** A heading and a table for each set of programs that share settings, in the order of the programs. */
export function settingsPage(all: readonly Program[]): string {
  const tables = [...sharedRows(all)].map(([heading, rows]) =>
    [`## ${heading}`, '', '| Variable | Default | Meaning |', '|---|---|---|', ...rows].join('\n'),
  );
  return `${[intro, ...tables].join('\n\n')}\n`;
}

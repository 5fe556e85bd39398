import { join } from 'node:path';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it, jest } from '@jest/globals';
import { until } from '../../scripts/testing/until.ts';
import { Chromium, type Tab, type TabOptions } from './chromium.ts';
import { faintTexts } from './contrast.ts';
import { type PageServer, servePage } from './page-server.ts';
import { burst, roundAt, roundMs, scalerOf } from './rounds.ts';

jest.setTimeout(30_000);

const payments = scalerOf('shop/payments');
const mails = scalerOf('shop/mails');
const blind = { reason: 'unknown-data', ready: 2, desired: 2, faults: ['offsets: Kafka does not answer'] } as const;
const late = { backlog: 900, ageSeconds: 47, arrivalRate: 60, consumptionRate: 50, ready: 1, desired: 1 } as const;

const wide: TabOptions = { width: 1200, height: 900, colours: 'light' };

let chromium: Chromium;
let server: PageServer;
let tab: Tab;
let nowMs: number;

beforeAll(async () => {
  chromium = await Chromium.open();
});
afterAll(() => chromium?.close());
beforeEach(async () => {
  server = await servePage();
  nowMs = Date.now();
});
afterEach(async () => {
  await chromium.closeTab(tab);
  await server.close();
});

const open = async (options = wide, query = '') => {
  tab = await chromium.tab(`http://127.0.0.1:${server.port}/${query}`, options);
  await until('the newest round is shown', () => tab.text('#now .verdict'));
};
const openWith = async (seen: Parameters<typeof roundAt>[2][], options = wide) => {
  const rounds = seen.map((one, index) => roundAt(payments.name, nowMs - (seen.length - 1 - index) * roundMs, one));
  server.keep(payments, rounds);
  await open(options);
};
const pathOf = (plot: string, line: string) =>
  tab.read<string>(`document.querySelector('#plot-${plot} > svg.plot .line.${line}').getAttribute('d')`);
const focused = () =>
  tab.read<string>(
    `(document.activeElement.id || document.activeElement.className || document.activeElement.localName)`,
  );
const tabTo = async (id: string) => {
  const passed: string[] = [];
  while (passed.at(-1) !== id && passed.length < 10) {
    await tab.press('Tab');
    passed.push(await focused());
  }
  return passed;
};

describe('the page of the lag controller', () => {
  it('says in plain words how it stands, and why', async () => {
    const asked = { action: 'up', reason: 'objective-at-risk', desired: 3 } as const;
    await openWith([
      { ...late, reason: 'steady' },
      { ...late, ...asked },
    ]);
    const words = await tab.text('#now');
    expect(words).toContain('Over the objective');
    expect(words).toMatch(/47 s age of the oldest message; the objective is 30 s/);
    expect(words).toContain('Up to 3: objective at risk.');
    expect(words).toMatch(/Replicas 1 ready Wanted 3 Partitions 6 Waiting 900 Arriving 60\/s Handled 50\/s/);
    expect(await tab.read('document.title')).toBe('47 s · shop/payments · Lag controller');
    expect(tab.faults).toEqual([]);
  });

  it('draws age, lag, rates and replicas over one time axis', async () => {
    server.keep(payments, burst(payments.name, nowMs));
    await open();
    const starts = await Promise.all(
      [
        ['age', 'main'],
        ['lag', 'main'],
        ['replicas', 'main'],
        ['replicas', 'second'],
        ['replicas', 'ceiling'],
      ].map(async ([plot = '', line = '']) => /^M([\d.]+) /.exec(await pathOf(plot, line))?.[1]),
    );
    expect(new Set(starts).size).toBe(1);
    expect(await tab.text('#plot-decisions')).toContain('at maximum');
    expect(await tab.read('document.querySelectorAll("#plot-decisions .change").length')).toBe(4);
    expect(tab.faults).toEqual([]);
  });

  it('leaves a gap where data is unknown, and never shows a zero for it', async () => {
    await openWith([late, late, blind, blind, late, late, blind].map((seen) => ({ reason: 'steady', ...seen })));
    for (const plot of ['age', 'lag', 'rates']) expect((await pathOf(plot, 'main')).match(/M/g)).toHaveLength(2);
    expect((await pathOf('replicas', 'main')).match(/M/g)).toHaveLength(1);
    expect(await tab.read('document.querySelectorAll("#plot-age .gap").length')).toBe(2);
    const words = await tab.text('#now');
    expect(words).toMatch(/Cannot tell unknown/);
    expect(words).toMatch(/Waiting unknown Arriving unknown Handled unknown/);
    expect(words).toContain('offsets: Kafka does not answer');
    expect(await tab.text('#changes')).toMatch(/Hold at 2: unknown data[\s\S]*offsets: Kafka does not answer/);
  });

  it('grows by each round as it comes', async () => {
    await openWith([{ ...late, ageSeconds: 3, reason: 'steady' }]);
    expect(await tab.text('#now .verdict')).toContain('Within the objective');
    await until('the stream is open', async () => (await tab.text('#liveness')) === 'live');
    server.tell(payments, roundAt(payments.name, nowMs + 1, { ...late, reason: 'at-maximum' }));
    await until('the round is told of', async () => (await tab.text('#now .verdict')).includes('Over the objective'));
    expect(await pathOf('age', 'main')).toMatch(/^M[\d. ]+L[\d. ]+$/);
    expect(await tab.text('#announcer')).toBe('Over the objective. Hold at 1: at maximum.');
  });

  it('shows up by itself when the first round comes', async () => {
    tab = await chromium.tab(`http://127.0.0.1:${server.port}/`, wide);
    await until('there is nothing yet', async () =>
      (await tab.text('#empty')).includes('No scaler has had a round yet'),
    );
    server.tell(payments, roundAt(payments.name, nowMs, { ...late, reason: 'steady' }));
    await until('the round is shown', () => tab.text('#now .verdict'));
    expect(await tab.text('#empty')).toBe('');
  });

  it('shows the scaler that was chosen, also after a reload', async () => {
    server.keep(payments, [roundAt(payments.name, nowMs, { ...late, reason: 'steady' })]);
    server.keep(mails, [roundAt(mails.name, nowMs, { ...late, ageSeconds: 1, reason: 'steady' })]);
    await open();
    expect(await tab.text('#scaler-name')).toBe('shop/mails');
    await tab.read(`(() => {
      const list = document.querySelector('#scaler');
      list.value = 'shop/payments';
      list.dispatchEvent(new Event('change'));
    })()`);
    await until('the other one is shown', async () => (await tab.text('#scaler-name')) === 'shop/payments');
    await tab.send('Page.reload');
    await until('it is shown again', async () => (await tab.text('#scaler-name')) === 'shop/payments');
  });

  it('says since when the connection is lost, and goes on by itself', async () => {
    await openWith([{ ...late, reason: 'steady' }]);
    await until('the stream is open', async () => (await tab.text('#liveness')) === 'live');
    const { port } = server;
    await server.close();
    const lost = await until('the loss is told', () => tab.text('#lost'));
    expect(lost).toMatch(
      /^Connection lost since \d\d:\d\d:\d\d\. What is shown is old \(data [\d.]+ s old\); trying again\.$/,
    );
    expect(await tab.text('#liveness')).toBe('connection lost');
    expect(await tab.read('document.title')).toBe('no news · shop/payments · Lag controller');
    expect(await tab.text('#announcer')).toMatch(/^Connection lost since/);
    server = await servePage(port);
    server.keep(payments, [roundAt(payments.name, Date.now(), { ...late, ageSeconds: 2, reason: 'steady' })]);
    await until('it goes on', async () => (await tab.text('#now .verdict')).includes('Within the objective'));
    expect(await tab.text('#lost')).toBe('');
    expect(await tab.read('document.querySelectorAll("#changes li").length')).toBe(1);
  });
});

describe('the page by keyboard', () => {
  it('is walked through in the order in which it is read', async () => {
    server.keep(payments, burst(payments.name, nowMs));
    server.keep(mails, burst(mails.name, nowMs));
    await open();
    expect(await tabTo('summary')).toEqual(['skip', 'scaler', 'window-15', 'plots', 'summary']);
    await tab.press('Enter');
    await until('the table is there', () => tab.read('document.querySelectorAll("#rounds tbody tr").length === 180'));
    expect(await tabTo('scroll')).toEqual(['scroll']);
  });

  it('moves one crosshair through all plots, and reads out the values there', async () => {
    await openWith([{ ...late, ageSeconds: 12, reason: 'steady' }, { ...blind }, { ...late, reason: 'at-maximum' }]);
    await tabTo('plots');
    expect(await tab.read('getComputedStyle(document.activeElement).outlineStyle')).toBe('solid');
    await tab.press('ArrowLeft');
    expect(await tab.text('#announcer')).toMatch(
      /^\d\d:\d\d:\d\d; age unknown; unknown waiting; .*Hold at 2: unknown data; offsets: Kafka does not answer$/,
    );
    expect(await tab.text('#readout')).toMatch(/^\d\d:\d\d:\d\d · Hold at 2: unknown data$/);
    expect(await tab.text('#plot-age figcaption')).toMatch(/age unknown/);
    await tab.press('Home');
    expect(await tab.text('#announcer')).toContain('age 12 s; 900 waiting; replicas 1 ready, 1 wanted; 6 partitions');
    const places = await tab.read<string[]>(
      `[...document.querySelectorAll('.crosshair')].map((line) => line.getAttribute('d').split(' ')[0])`,
    );
    expect(places).toHaveLength(5);
    expect(new Set(places).size).toBe(1);
    expect(await tab.read(`document.querySelector('#plots').getAttribute('aria-valuenow')`)).toBe('0');
    await tab.press('Escape');
    expect(await tab.text('#readout')).toMatch(/^Newest, /);
    expect(await tab.read(`document.querySelectorAll('.crosshair').length`)).toBe(0);
  });

  it('chooses how much time is shown', async () => {
    server.keep(payments, burst(payments.name, nowMs));
    await open();
    const rounds = () => tab.read(`Number(document.querySelector('#plots').getAttribute('aria-valuemax')) + 1`);
    expect(await rounds()).toBe(180);
    await tabTo('window-15');
    await tab.press('ArrowLeft');
    await until('only the last five minutes are shown', async () => (await rounds()) === 61);
  });

  it('keeps the crosshair where it is while rounds come in', async () => {
    await openWith([
      { ...late, ageSeconds: 12, reason: 'steady' },
      { ...late, reason: 'steady' },
    ]);
    await until('the stream is open', async () => (await tab.text('#liveness')) === 'live');
    await tabTo('plots');
    await tab.press('Home');
    const before = await tab.text('#readout');
    server.tell(payments, roundAt(payments.name, nowMs + 1, { ...late, ageSeconds: 60, reason: 'steady' }));
    await until('the round is told of', async () => (await tab.text('#now .age')).includes('1 min'));
    expect(await tab.text('#readout')).toBe(before);
    expect(await tab.text('#plot-age figcaption')).toContain('age 12 s');
  });
});

describe('the page as it looks', () => {
  const looks: readonly [string, TabOptions][] = [
    ['light', wide],
    ['dark', { ...wide, colours: 'dark' }],
    ['narrow', { width: 375, height: 800, colours: 'light' }],
    ['narrow and dark', { width: 375, height: 800, colours: 'dark' }],
  ];

  it.each(looks)('is %s, has no text too faint to read, and nothing to scroll to the side', async (name, options) => {
    server.keep(payments, burst(payments.name, nowMs));
    server.keep(mails, burst(mails.name, nowMs));
    await open(options, '?scaler=shop%2Fpayments');
    const [red = 0] = await tab.read<number[]>(
      `getComputedStyle(document.body).backgroundColor.match(/\\d+/g).map(Number)`,
    );
    expect(red > 127).toBe(options.colours === 'light');
    expect(await tab.read(faintTexts)).toEqual([]);
    expect(await tab.read('document.documentElement.scrollWidth')).toBe(options.width);
    expect(tab.faults).toEqual([]);
    const folder = process.env.SCREENSHOTS;
    if (folder) await tab.screenshot(join(folder, `page ${name}.png`));
  });

  it('shows under the pointer what was at that time', async () => {
    server.keep(payments, burst(payments.name, nowMs));
    await open();
    const box = await tab.read<{ x: number; y: number; width: number }>(
      `document.querySelector('#plot-age svg.plot').getBoundingClientRect().toJSON()`,
    );
    // The 109th of 180 rounds over the whole width is one of those that could not see.
    await tab.pointAt(box.x + 58 + ((box.width - 76) * 108) / 179, box.y + 40);
    await until('the crosshair is there', async () => (await tab.text('#readout')).includes('Hold at 6: unknown data'));
    expect(await tab.text('#plot-lag figcaption')).toContain('lag unknown');
  });
});

describe('what the page is made of', () => {
  it('comes from here alone, and runs nothing inline', async () => {
    await openWith([{ ...late, reason: 'steady' }]);
    const response = await fetch(`http://127.0.0.1:${server.port}/`);
    const policy = response.headers.get('content-security-policy') ?? '';
    expect(policy).toContain("default-src 'none'; script-src 'self'; style-src 'self';");
    expect(policy).not.toContain('unsafe');
    const origins = await tab.read<string[]>(
      `performance.getEntriesByType('resource').map(({ name }) => new URL(name).origin)`,
    );
    expect(new Set(origins)).toEqual(new Set([`http://127.0.0.1:${server.port}`]));
  });
});

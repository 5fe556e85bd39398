/** Takes one guard after the other out of a copy of the sources: the checker must find what that breaks. */
import { mkdir, mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { formatSeconds } from '../command-line/duration.ts';
import { Progress } from '../command-line/progress.ts';
import { copySources, takeOut } from '../negative/copy-sources.ts';
import { type Control, controls } from './controls.ts';
import { crashPoints } from './crash-points.ts';
import { runScene } from './run.ts';
import { crashMatrix, movedLeaders, type Play } from './scenes.ts';
import { judge } from './verdict.ts';

/** Without a guard much never comes to rest, so there is no use in waiting long. */
const patienceMs = 15_000;

const silent = new Progress({ write: () => undefined }, () => performance.now());

function crashes({ points, provider }: Control): Play {
  const chosen = crashPoints.filter(({ name }) => points.includes(name));
  return crashMatrix({ times: 1, points: chosen, provider }, silent, () => {});
}

/** The promises that a run in `folder` broke. */
async function brokenWith(sources: string, folder: string, control: Control): Promise<string[]> {
  const main = (service: string) => join(sources, 'services', service, 'src/main.ts');
  const play = control.areLeadersMoved ? movedLeaders({ perSecond: 30, times: 6 }, silent) : crashes(control);
  const brokers = control.areLeadersMoved ? 3 : 1;
  const { history } = await runScene(
    { ...play, brokers, seed: 1, patienceMs, folder, main, progress: silent },
    play.scene,
  );
  return judge(history).flatMap(({ promise, faults }) => (faults.length > 0 ? [promise] : []));
}

async function passes(sources: string, folder: string, control: Control): Promise<string | undefined> {
  const putBack = await takeOut(sources, control);
  const putOtherBack = control.also && (await takeOut(sources, control.also));
  const broken = await brokenWith(sources, folder, control).finally(async () => {
    // Both may be of one file, which is whole again once the first is back.
    await putOtherBack?.();
    await putBack();
  });
  console.log(`    broken: ${broken.join('; ') || 'nothing'}`);
  return broken.includes(control.breaks) ? undefined : `«${control.breaks}» was not found to be broken`;
}

/** True where the checker found what each missing guard breaks. */
export async function runControls(): Promise<boolean> {
  const folder = await mkdtemp(join(tmpdir(), 'shop-controls-'));
  const sources = join(folder, 'sources');
  let passed = 0;
  try {
    await mkdir(sources);
    await copySources(sources);
    for (const [index, control] of controls.entries()) {
      const startedAt = performance.now();
      console.log(`without: ${control.name}`);
      const fault = await passes(sources, join(folder, String(index)), control).catch((error: Error) => error.message);
      if (fault === undefined) passed += 1;
      const time = formatSeconds(performance.now() - startedAt);
      console.log(`  ${fault ? `✗ ${fault}` : `✓ found: ${control.breaks}`}  ${time}`);
    }
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
  console.log(`\n${passed} of ${controls.length} guards are missed when they are gone.`);
  return passed === controls.length;
}

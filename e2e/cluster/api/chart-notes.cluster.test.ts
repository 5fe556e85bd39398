import { execFile } from 'node:child_process';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { describe, expect, it, jest } from '@jest/globals';
import { charts, helm, helms, valueSets } from '../helm.ts';

jest.setTimeout(120_000);

const run = promisify(execFile);

/** The commands that the notes of the shop tell, each on one line. */
async function commands(file: string): Promise<string[]> {
  const shop = join(charts, 'shop');
  const wanted = ['--values', join(shop, file), '--set', 'provider.url=https://pay.example.com'];
  const stdout = await helm(['install', 'r', shop, '--namespace', 'n', '--dry-run=client', ...wanted]);
  const notes = stdout.slice(stdout.indexOf('NOTES:')).replaceAll(/\\\n\s*/g, '');
  return notes.split('\n').flatMap((line) => /^ {2}((?:helm|kubectl) .*)/.exec(line)?.[1] ?? []);
}

describe('the notes of the shop', () => {
  it('tell how to try it and how to reach it', async () => {
    const told = await commands('ci/no-controller-values.yaml');
    expect(told).toContain('helm test r --namespace n --logs');
    expect(told.find((command) => command.includes('port-forward'))).toContain('service/two-orders 3001');
    expect(told.filter((command) => command.includes('lag-controller'))).toEqual([]);
  });

  it.each(valueSets('shop').filter((file) => !file.includes('no-controller')))(
    'tell a command for the lag controller that its chart takes, with %s',
    async (file) => {
      const [install] = (await commands(file)).filter((command) => command.startsWith('helm install lag-controller'));
      const asTemplate = (install ?? '').replace('helm install', `"${helms['Helm 4']}" template`);
      const { stdout } = await run('sh', ['-c', asTemplate], { cwd: join(charts, '..') });
      expect(stdout).toContain('resourceNames: ["payments"]');
    },
  );
});

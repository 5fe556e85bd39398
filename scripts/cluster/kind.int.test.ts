import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { run } from '../embedded/run.ts';
import { createKind, deleteKind } from './kind.ts';
import { type StandIns, says, standIns } from './stand-ins.ts';

const down = join(import.meta.dirname, '../down.ts');
const pathBefore = process.env.PATH;
let folder: string;
let machine: StandIns;

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'kind-'));
});

afterEach(async () => {
  process.env.PATH = pathBefore;
  await machine.remove();
  await rm(folder, { recursive: true, force: true });
});

/** A machine with these clusters of kind. */
async function withClusters(names: string): Promise<void> {
  machine = await standIns({
    'kind get clusters': says(names),
    'kind get kubeconfig *': says('apiVersion: v1'),
  });
  process.env.PATH = machine.env.PATH;
}

const callsThatChange = async () => (await machine.calls()).filter((call) => !call.startsWith('kind get'));

describe('the cluster of our own', () => {
  it("is made and deleted without a word in the person's own kubeconfig", async () => {
    await withClusters('another');
    const ours = join(folder, 'new/kubeconfig.yaml');
    expect(await createKind(ours)).toEqual({ kubeconfig: ours, context: undefined });
    expect(await readFile(ours, 'utf8')).toBe('apiVersion: v1\n');
    await deleteKind(ours);
    const calls = await callsThatChange();
    expect(calls).toEqual([
      expect.stringMatching(/^kind create cluster .* --wait 120s/),
      expect.stringMatching(/^kind delete cluster --name shop/),
    ]);
    for (const call of calls) expect(call).toContain(` --kubeconfig ${ours}`);
  });

  it.each([[['--namespace', 'blog']], [['--keep-operators']]])(
    'is not deleted by npm run down with %j, which are for a cluster that is named',
    async (flags) => {
      await withClusters('shop');
      const { code, output } = await run(process.execPath, [down, '--execute', ...flags], { env: machine.env });
      expect({ code, output }).toEqual({ code: 1, output: expect.stringMatching(/KUBECONFIG=\S+kubeconfig\.yaml/) });
      expect(output).not.toMatch(/^\s+at /m);
      expect(await callsThatChange()).toEqual([]);
    },
  );
});

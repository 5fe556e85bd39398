import { chmod, mkdir, mkdtemp, readdir, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { resolveClassPath } from './class-path.ts';

let folder: string;
let pom: string;
let told: string[];

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'class-path-'));
  pom = join(folder, 'server/pom.xml');
  told = [];
  await mkdir(join(folder, 'server'));
  await mkdir(join(folder, 'bin'));
  await writeFile(pom, '<project/>');
});

afterEach(() => rm(folder, { recursive: true, force: true }));

/** A Maven that finds `a.jar` and `b.jar` and writes their names slowly, as one that is interrupted might. */
const slowMaven = `
for argument; do case "$argument" in -Dmdep.outputFile=*) output=\${argument#*=};; esac; done
touch a.jar b.jar
printf '%s' "$PWD/a.jar" > "$output"; sleep 0.2; printf ':%s' "$PWD/b.jar" >> "$output"
`;

async function maven(script: string): Promise<void> {
  await writeFile(join(folder, 'bin/mvn'), `#!/bin/sh\ncd "${folder}"\n${script}`);
  await chmod(join(folder, 'bin/mvn'), 0o755);
}

const resolve = () =>
  resolveClassPath(pom, {
    label: 'A server',
    size: '1 MB',
    cache: join(folder, 'cache'),
    env: { PATH: `${join(folder, 'bin')}:/usr/bin:/bin` },
    onProgress: (line) => told.push(line),
  });

const jars = () => ['a.jar', 'b.jar'].map((jar) => join(folder, jar));

describe('resolveClassPath', () => {
  it('asks Maven once, and tells that it does', async () => {
    await maven(slowMaven);
    expect(await resolve()).toEqual(jars());
    expect(told).toEqual(['Fetching A server with Maven, this once (1 MB)']);
    await maven('exit 1');
    expect(await resolve()).toEqual(jars());
  });

  it('asks again when the pom has changed or a jar is gone', async () => {
    await maven(slowMaven);
    await resolve();
    await rm(join(folder, 'a.jar'));
    expect(await resolve()).toEqual(jars());
    await writeFile(pom, '<project>changed</project>');
    await resolve();
    expect(told).toHaveLength(3);
  });

  it('gives every one of many first runs the whole list, and leaves nothing half done', async () => {
    await maven(slowMaven);
    const staggered = [0, 1, 2, 3].map(async (turn) => {
      await new Promise((next) => setTimeout(next, turn * 60));
      return resolve();
    });
    expect(await Promise.all(staggered)).toEqual([jars(), jars(), jars(), jars()]);
    expect(await readdir(join(folder, 'cache'))).toEqual([expect.stringMatching(/^server-\w+\.classpath$/)]);
  });

  it('says in one sentence why Maven could not fetch', async () => {
    await maven('echo "[INFO] Scanning"; echo "[ERROR] Could not transfer artifact x: No route to host"; exit 1');
    await expect(resolve()).rejects.toThrow(
      /^Maven could not fetch A server: check the network.+\(Could not transfer artifact x: No route to host\)\.$/,
    );
  });

  it('says so when there is no Maven', async () => {
    const options = { label: 'A server', size: '1 MB', cache: folder, env: { PATH: folder }, onProgress: () => {} };
    await expect(resolveClassPath(pom, options)).rejects.toThrow(
      'Maven is missing: install it (the command mvn), it fetches A server once.',
    );
  });
});

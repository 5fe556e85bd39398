import { chmod, mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { freePort } from './free-port.ts';
import { findJava } from './java.ts';
import { startKafka } from './kafka.ts';

let folder: string;

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'java-'));
});

afterEach(() => rm(folder, { recursive: true, force: true }));

async function fakeJava(version: string, home: string): Promise<void> {
  await mkdir(join(home, 'bin'), { recursive: true });
  const settings = `    java.home = ${home}\n    java.version = ${version}\n`;
  await writeFile(join(home, 'bin/java'), `#!/bin/sh\nprintf '${settings}' >&2\n`);
  await chmod(join(home, 'bin/java'), 0o755);
}

describe('findJava', () => {
  it('says what to install where there is no Java', async () => {
    const starting = startKafka({ port: await freePort(), dataDir: folder, env: { PATH: folder } });
    await expect(starting).rejects.toThrow(
      'Java is missing: install Java 17 or newer (a JDK), or set JAVA_HOME to one.',
    );
  });

  it.each(['11.0.2', '1.8.0_292'])('names the version that is too old: %s', async (version) => {
    await fakeJava(version, folder);
    const command = join(folder, 'bin/java');
    await expect(findJava({ PATH: join(folder, 'bin') })).rejects.toThrow(
      `${command} is Java ${version}, but Java 17 or newer is needed: install one (a JDK), or point JAVA_HOME at it.`,
    );
  });

  it('takes JAVA_HOME before PATH', async () => {
    await fakeJava('11.0.2', join(folder, 'old'));
    await fakeJava('21.0.1', join(folder, 'new'));
    const env = { PATH: join(folder, 'old/bin'), JAVA_HOME: join(folder, 'new') };
    expect(await findJava(env)).toEqual({ home: join(folder, 'new'), version: '21.0.1' });
  });

  it('says so when JAVA_HOME holds no Java', async () => {
    await expect(findJava({ ...process.env, JAVA_HOME: folder })).rejects.toThrow(
      `JAVA_HOME is ${folder}, but there is no bin/java in it: correct JAVA_HOME, or unset it.`,
    );
  });
});

import { execFile } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from '@jest/globals';

const root = join(import.meta.dirname, '..');
const { scripts } = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8')) as { scripts: Record<string, string> };

/** `test:cluster` gives what it is told to Jest, and asks for a cluster before. */
const programs = Object.entries(scripts).flatMap(([name, command]) => {
  const program = /scripts\/bootstrap\.mjs (\S+)$/.exec(command)?.[1];
  return program === undefined || name === 'test:cluster' ? [] : [[name, program] as const];
});

describe('an unknown flag', () => {
  it.each(programs)('is told by npm run %s in a sentence, and nothing is done', async (_, program) => {
    const { status, output } = await new Promise<{ status: unknown; output: string }>((resolve) =>
      execFile(process.execPath, [join(root, program), '--nonsense'], { timeout: 20_000 }, (error, stdout, stderr) =>
        resolve({ status: error?.code, output: stderr + stdout }),
      ),
    );
    expect(status).toBe(1);
    expect(output).toContain('--nonsense');
    expect(output).not.toMatch(/^\s+at /m);
  });
});

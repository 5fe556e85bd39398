import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { expect, it } from '@jest/globals';
import { controls } from '../chaos/controls.ts';
import { guards } from './guards.ts';

const root = join(import.meta.dirname, '../..');

const alsoTaken = controls.flatMap(({ name, also }) => (also ? [{ ...also, name: `${name}, and what hides it` }] : []));

it.each([...guards, ...controls, ...alsoTaken])(
  '«$name» stands once in the file from which it is taken out',
  async (guard) => {
    const source = await readFile(join(root, guard.file), 'utf8');
    expect(source.split(guard.code)).toHaveLength(2);
  },
);

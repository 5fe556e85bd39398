import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from '@jest/globals';
import { baseImages } from './base-images.ts';

const services = join(import.meta.dirname, '../../services');
const textOf = (file: string) => readFileSync(join(services, file), 'utf8');

describe('the base images', () => {
  const dockerfile = textOf('Dockerfile');

  it('are those of the Dockerfile, each by its digest', () => {
    const pinned = baseImages(textOf('base-images.Dockerfile'));
    for (const line of pinned) expect(line).toMatch(/@sha256:[0-9a-f]{64}$/);
    const byTag = [...dockerfile.matchAll(/^ARG (\w+=\S+:\S+)$/gm)].map(([, line]) => line);
    expect(byTag.length).toBeGreaterThan(1);
    expect(pinned.map((line) => line.replace(/@.*/, ''))).toEqual(byTag);
  });

  it('are all arguments, so that none escapes the digest', () => {
    const stages = [...dockerfile.matchAll(/ AS (\w+)$/gm)].map(([, stage]) => stage);
    const bases = [...dockerfile.matchAll(/^FROM (?:--\S+ )?(\S+)/gm)].map(([, base = '']) => base);
    expect(bases.filter((base) => !stages.includes(base) && !/^\$\w+$/.test(base))).toEqual([]);
  });
});

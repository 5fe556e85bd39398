import { describe, expect, it } from '@jest/globals';
import { Access } from './access.ts';
import { whatNext } from './up-steps.ts';

const there = { kubeconfig: '/k', context: undefined };

describe('what is told at the end', () => {
  it.each([
    [
      'the way to the kind cluster for kubectl',
      undefined,
      ["To look into it: KUBECONFIG='/k' kubectl -n shop get pods"],
    ],
    ['nothing of that for a cluster that a person named', there, []],
  ])('is %s', (_, cluster, lines) => {
    expect(whatNext(new Access(there, 'shop'), { cluster, parts: new Set() })).toEqual(lines);
  });

  it('is how to reach and remove a shop that was installed', () => {
    const [line] = whatNext(new Access(there, 'shop'), { cluster: there, parts: new Set(['charts']) });
    expect(line).toMatch(/npm run forward.*npm run down/);
  });
});

import { describe, expect, it } from '@jest/globals';
import { planCluster } from './plan.ts';
import { requireTools, toolsOf } from './tools.ts';

describe('the tools of a plan', () => {
  it('are four for a cluster of our own, and two for one that is there', () => {
    expect(toolsOf(planCluster({}, {}))).toEqual(['kubectl', 'helm', 'kind', 'docker']);
    expect(toolsOf(planCluster({}, { KUBECONFIG: '/a' }))).toEqual(['kubectl', 'helm']);
  });

  it('are all named at once when they are missing, with how to get them', async () => {
    const asked = requireTools(['kubectl', 'kind'], { PATH: '/nowhere' });
    await expect(asked).rejects.toThrow(/kubectl +https:.*\n.*kind +https:/);
  });
});

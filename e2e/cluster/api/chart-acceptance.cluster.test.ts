import { execFile } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { promisify } from 'node:util';
import { afterAll, beforeAll, describe, expect, it, jest } from '@jest/globals';
import { kubectl } from '../cluster.ts';
import { render, valueSets } from '../helm.ts';

jest.setTimeout(300_000);

const run = promisify(execFile);
const namespace = `charts-${randomBytes(3).toString('hex')}`;
const monitors = ['PodMonitor', 'PrometheusRule'];

/** What the API server says to objects that it does not store: its warnings. @throws with its refusal */
async function serverWarnings(objects: readonly object[]): Promise<string> {
  const child = run('kubectl', ['apply', '--dry-run=server', '--validate=strict', '--namespace', namespace, '-f', '-']);
  child.child.stdin?.end(JSON.stringify({ apiVersion: 'v1', kind: 'List', items: objects }));
  return (await child).stderr;
}

describe('a real API server, in a namespace where PodSecurity «restricted» is enforced', () => {
  let hasMonitors: boolean;

  beforeAll(async () => {
    await kubectl(['create', 'namespace', namespace]);
    const level = (mode: string) => `pod-security.kubernetes.io/${mode}=restricted`;
    await kubectl(['label', 'namespace', namespace, level('enforce'), level('warn')]);
    await kubectl(['apply', '--server-side', '-f', 'charts/lag-controller/crds']);
    await kubectl(['wait', '--for=condition=Established', 'crd/lagscalers.lagscaler.io', '--timeout=30s']);
    hasMonitors = (await kubectl(['get', 'crd', '--output=name'])).includes('podmonitors.monitoring.coreos.com');
  });
  afterAll(() => kubectl(['delete', 'namespace', namespace, '--wait=false']));

  it.each(['shop', 'lag-controller'].flatMap((chart) => valueSets(chart).map((file) => [chart, file] as const)))(
    'takes %s with %s, strictly and without a warning',
    async (chart, file) => {
      const { objects } = await render(chart, { files: [file] });
      const known = objects.filter(({ kind }) => hasMonitors || !monitors.includes(kind ?? ''));
      const here = known.map((object) => ({ ...object, metadata: { ...object.metadata, namespace } }));
      // A bare pod, as that of `helm test`, is only taken where its ServiceAccount is.
      const accounts = here.filter(({ kind }) => kind === 'ServiceAccount');
      if (accounts.length > 0) await kubectl(['apply', '-f', '-'], { apiVersion: 'v1', kind: 'List', items: accounts });
      expect(await serverWarnings(here)).toBe('');
    },
  );
});

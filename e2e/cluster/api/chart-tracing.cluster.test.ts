import { describe, expect, it } from '@jest/globals';
import { render } from '../helm.ts';

const files = ['ci/smallest-values.yaml'];
const tracing = (endpoint: string) => render('shop', { files, values: { 'tracing.endpoint': endpoint } });
type Rendering = Awaited<ReturnType<typeof render>>;
const portsOf = (rendering: Rendering, name: string) =>
  rendering.one('NetworkPolicy', name).spec.egress?.flatMap(({ ports = [] }) => ports.map(({ port }) => port));

describe('traces', () => {
  it('are nowhere, unless the values say where the collector is', async () => {
    expect((await render('shop', { files })).text).not.toContain('OTEL_');
  });

  it('are sent by every service, through its network policy', async () => {
    const rendering = await tracing('http://collector.monitoring:4318');
    for (const [name, { spec }] of rendering.pods()) {
      const [container] = spec?.containers ?? [];
      if (name.includes('test') || !container) continue;
      expect([name, container.env]).toEqual([
        name,
        expect.arrayContaining([
          { name: 'OTEL_EXPORTER_OTLP_ENDPOINT', value: 'http://collector.monitoring:4318' },
          { name: 'OTEL_TRACES_SAMPLER_ARG', value: '1' },
        ]),
      ]);
    }
    for (const name of ['orders', 'payments', 'clients', 'products'])
      expect([name, portsOf(rendering, name)]).toEqual([name, expect.arrayContaining([53, 4318])]);
  });

  it.each([
    ['https://otlp.example.com/otlp', 443],
    ['http://collector', 80],
    ['http://[2001:db8::1]:4318', 4318],
  ])('go to %s by port %d', async (endpoint, port) => {
    expect(portsOf(await tracing(endpoint), 'clients')).toContain(port);
  });
});

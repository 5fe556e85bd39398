/** What a service may do on Kafka, tried in pods that have its user, its certificates and its place in the network. */
import { randomBytes } from 'node:crypto';
import { join } from 'node:path';
import { build } from 'esbuild';
import { nodeProgram } from '../../../scripts/image/node-program.ts';
import { getJson, inShop, podOutput } from './installed-shop.ts';

/** Two, since a ConfigMap holds a megabyte. */
const programs = ['kafka-probe', 'kafka-fetch-probe'] as const;
type Program = (typeof programs)[number];

export interface KafkaProbes {
  /** @returns what the program printed: `done`, or the reason why not */
  readonly as: (service: string, env: Readonly<Record<string, string>>, program?: Program) => Promise<string>;
  readonly remove: () => Promise<void>;
}

export async function bringKafkaProbes(): Promise<KafkaProbes> {
  const suffix = randomBytes(3).toString('hex');
  const mapOf = (program: Program) => `${program}-${suffix}`;
  for (const program of programs) {
    const metadata = { name: mapOf(program) };
    const data = { 'probe.mjs': await bundled(program) };
    await inShop(['create', '-f', '-'], { apiVersion: 'v1', kind: 'ConfigMap', metadata, data });
  }
  return {
    async as(service, env, program = 'kafka-probe') {
      const { spec } = await getJson<{ spec: { template: Template } }>(['deployment', service]);
      const { containers, volumes = [], topologySpreadConstraints: _, ...rest } = spec.template.spec;
      const [{ livenessProbe: _l, readinessProbe: _r, startupProbe: _s, ports: _p, ...container }] = containers as [
        Container,
      ];
      const name = `${mapOf(program)}-${randomBytes(2).toString('hex')}`;
      await inShop(['create', '-f', '-'], {
        apiVersion: 'v1',
        kind: 'Pod',
        metadata: { name, labels: { 'app.kubernetes.io/name': service } },
        spec: {
          ...rest,
          restartPolicy: 'Never',
          volumes: [...volumes, { name: 'probe', configMap: { name: mapOf(program) } }],
          containers: [
            {
              ...container,
              args: ['/probe/probe.mjs'],
              env: [...container.env, ...Object.entries(env).map(([variable, value]) => ({ name: variable, value }))],
              volumeMounts: [...(container.volumeMounts ?? []), { name: 'probe', mountPath: '/probe' }],
            },
          ],
        },
      });
      return (await podOutput(name)).trim();
    },
    async remove() {
      await inShop(['delete', 'configmap', ...programs.map(mapOf), '--ignore-not-found']);
    },
  };
}

async function bundled(program: Program): Promise<string> {
  const { outputFiles } = await build({
    ...nodeProgram,
    entryPoints: [join(import.meta.dirname, `${program}.ts`)],
    write: false,
    // With its WebAssembly in it, instead of in a file beside it.
    alias: { '@platformatic/wasm-utils': '@platformatic/wasm-utils/bundled' },
  });
  return outputFiles[0]?.text ?? '';
}

interface Container {
  [member: string]: unknown;
  env: object[];
  volumeMounts?: object[];
}
interface Template {
  spec: { containers: Container[]; volumes?: object[]; [member: string]: unknown };
}

/** What comes by a Helm chart of others and belongs to the whole cluster: Strimzi's operator, Prometheus and Grafana. */
import { SetupError } from '../embedded/setup-error.ts';
import type { Access } from './access.ts';
import { ensureNamespace, handOver, isOurs, removeNamespace } from './namespace.ts';
import type { Addon } from './plan.ts';
import { requireFree } from './release.ts';

interface Deployment {
  readonly metadata: { readonly name: string; readonly namespace: string };
  readonly spec: {
    readonly template: {
      readonly metadata?: { readonly labels?: Readonly<Record<string, string>> };
      readonly spec: { readonly containers: readonly { readonly image: string }[] };
    };
  };
}

interface Named {
  readonly metadata: { readonly name: string; readonly namespace?: string };
}

/** Installs or upgrades it; one that somebody else has installed is left as it is. @returns what was found or done */
export async function installAddon(access: Access, addon: Addon): Promise<string> {
  const { release, namespace, chart, version, values, crd } = addon;
  if (await access.hasRelease(release, namespace)) {
    if (!(await isOurs(access, namespace))) return `is there already, and ${notOurs(access, namespace)}`;
    await requireFree(access, release, namespace);
  } else {
    const other = await operatorOfOthers(access, addon);
    if (other !== undefined) return `is there already (${other}), and not ours: left as it is; ${addon.wanted}`;
    await requireNamespace(access, addon);
  }
  await ensureNamespace(access, namespace, release);
  // Helm installs definitions with a chart, but never renews them, and those that another version left may serve other versions.
  const definitions = await access.helm(['show', 'crds', chart, '--version', version]);
  if (definitions.trim() !== '')
    await access.kubectl(['apply', '--server-side', '--force-conflicts', '-f', '-'], documentsOf(definitions));
  const options = ['--version', version, '--values', values, '--wait', '--timeout', '10m'];
  await access.helm(['upgrade', '--install', release, chart, '-n', namespace, ...options]);
  await access.kubectl(['wait', 'crd', crd, '--for=condition=Established', '--timeout=60s']);
  return `${version} is installed`;
}

/** Helm 3 puts nothing between the files of definitions, and kubectl then reads the last of them only. */
function documentsOf(definitions: string): string {
  return definitions.replaceAll(/^apiVersion:/gm, '---\napiVersion:');
}

/** Anybody may call a release `monitoring`. Ours is the one in a namespace of ours. */
function notOurs(access: Access, namespace: string): string {
  return `not ours: left as it is (where npm run up has installed it, ${handOver(access, namespace)} makes it ours, with all in its namespace)`;
}

/** As `NAMESPACE/NAME`. Definitions alone are no operator: `helm uninstall` leaves them behind, and nobody serves them then. */
async function operatorOfOthers(access: Access, { sign }: Addon): Promise<string | undefined> {
  const deployments = await access.list<Deployment>('deployments', ['--all-namespaces']);
  const found = deployments.find(({ metadata, spec: { template } }) => {
    const labels = Object.entries(template.metadata?.labels ?? {}).map((pair) => pair.join('='));
    const images = template.spec.containers.map(({ image }) => image);
    return [metadata.name, ...images, ...labels].some((text) => sign.test(text));
  });
  return found && `${found.metadata.namespace}/${found.metadata.name}`;
}

/** @throws SetupError where others made it: what is installed there would count as theirs from then on */
async function requireNamespace(access: Access, { namespace, part }: Addon): Promise<void> {
  if (!(await access.has('namespace', namespace)) || (await isOurs(access, namespace))) return;
  throw new SetupError(
    `Namespace ${namespace} is there and not ours, so that nothing is installed into it: leave it alone by \`--without ${part}\`, or let ${handOver(access, namespace)} hand it over, with all in it, for npm run down to delete.`,
  );
}

/** Removes it with its resource definitions, which Helm leaves behind; not while others use it, nor what is not ours. */
export async function removeAddon(access: Access, { release, namespace, crdGroups }: Addon): Promise<string> {
  if (!(await access.hasRelease(release, namespace))) return 'is not ours: left as it is';
  if (!(await isOurs(access, namespace))) return `is ${notOurs(access, namespace)}`;
  const all = await access.list<{ metadata: { name: string }; spec: { group: string } }>('crd', []);
  const definitions = all
    .filter(({ spec }) => (crdGroups as readonly string[]).includes(spec.group))
    .map(({ metadata }) => metadata.name);
  const user = await foreignObject(access, definitions, namespace);
  if (user !== undefined) return `stays: ${user} uses it`;
  await access.helm(['uninstall', release, '-n', namespace, '--wait', '--timeout', '5m']);
  if (definitions.length > 0) await access.kubectl(['delete', 'crd', ...definitions, '--timeout=120s']);
  await removeNamespace(access, namespace);
  return 'is removed';
}

/**
 * One that a definition would take with it, of any kind: a team may have rules and no monitors. Each is asked for by itself, as
 * kubectl answers nothing at all where one of several kinds is unknown.
 */
async function foreignObject(access: Access, kinds: string[], namespace: string): Promise<string | undefined> {
  for (const kind of kinds) {
    const objects = await access.list<Named>(kind, ['--all-namespaces']);
    const other = objects.find(({ metadata }) => metadata.namespace !== namespace);
    if (other) return `${kind} ${other.metadata.namespace}/${other.metadata.name}`;
  }
  return undefined;
}

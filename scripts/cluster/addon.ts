/** What comes by a Helm chart of others and belongs to the whole cluster: Strimzi's operator, Prometheus and Grafana. */
import type { Access } from './access.ts';
import { ensureNamespace, removeNamespace } from './namespace.ts';
import type { Addon } from './plan.ts';

/** Installs or upgrades it; one that somebody else has installed is left as it is. @returns what was found or done */
export async function installAddon(access: Access, addon: Addon): Promise<string> {
  const { release, namespace, chart, version, values, crd } = addon;
  const isOurs = await access.hasRelease(release, namespace);
  if (!isOurs && (await access.has('crd', crd))) return 'is there already, and not ours: left as it is';
  await ensureNamespace(access, namespace, release);
  const options = ['--version', version, '--values', values, '--wait', '--timeout', '10m'];
  await access.helm(['upgrade', '--install', release, chart, '-n', namespace, ...options]);
  await access.kubectl(['wait', 'crd', crd, '--for=condition=Established', '--timeout=60s']);
  return `${version} is installed`;
}

/**
 * Removes it with its resource definitions, which Helm leaves behind; not while others use it, nor what is not ours.
 *
 * @param inUse kind that tells whether others use it
 */
export async function removeAddon(access: Access, addon: Addon, inUse: string): Promise<string> {
  const { release, namespace, crdGroups } = addon;
  if (!(await access.hasRelease(release, namespace))) return 'is not ours: left as it is';
  const users = await access.list<{ metadata: { name: string; namespace: string } }>(inUse, ['--all-namespaces']);
  const others = users.filter(({ metadata }) => metadata.namespace !== namespace);
  const [first] = others;
  if (first) return `stays: ${inUse} ${first.metadata.namespace}/${first.metadata.name} uses it`;
  await access.helm(['uninstall', release, '-n', namespace, '--wait', '--timeout', '5m']);
  const definitions = await access.list<{ metadata: { name: string }; spec: { group: string } }>('crd', []);
  const names = definitions
    .filter(({ spec }) => (crdGroups as readonly string[]).includes(spec.group))
    .map(({ metadata }) => metadata.name);
  if (names.length > 0) await access.kubectl(['delete', 'crd', ...names, '--timeout=120s']);
  await removeNamespace(access, namespace);
  return 'is removed';
}

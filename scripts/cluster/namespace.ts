import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { parse, stringify } from 'yaml';
import { SetupError } from '../embedded/setup-error.ts';
import type { Access } from './access.ts';

const folder = join(import.meta.dirname, '../../k8s/namespaces');
const timeoutSeconds = 180;

interface Namespace {
  readonly metadata: { readonly name: string; readonly labels: Readonly<Record<string, string>> };
}

/** The namespace as `k8s/namespaces/FILE.yaml` has it, under the given name. */
export async function namespaceManifest(name: string, file: string): Promise<string> {
  const namespace = parse(await readFile(join(folder, `${file}.yaml`), 'utf8')) as Namespace;
  return stringify({ ...namespace, metadata: { ...namespace.metadata, name } });
}

/** Makes it, or renews it where it was made by us; one that others have made is used as it is. */
export async function ensureNamespace(access: Access, name: string, file: string): Promise<void> {
  const isOthers = (await access.has('namespace', name)) && !(await isOurs(access, name));
  if (!isOthers) await access.applyText(await namespaceManifest(name, file));
}

/**
 * Deletes it and waits until it is gone, where it was made by us.
 *
 * @throws SetupError with what holds it up, in the API server's words
 */
export async function removeNamespace(access: Access, name: string): Promise<boolean> {
  if (!(await isOurs(access, name))) return false;
  await access.kubectl(['delete', 'namespace', name, '--wait=false']);
  try {
    await access.kubectl(['wait', 'namespace', name, '--for=delete', `--timeout=${timeoutSeconds}s`]);
  } catch {
    const path = 'jsonpath={range .status.conditions[?(@.status=="True")]}{"\\n  "}{.message}{end}';
    const holdUp = await access.kubectl(['get', 'namespace', name, '-o', path, '--ignore-not-found']);
    throw new SetupError(`The namespace ${name} is not gone after ${timeoutSeconds} s:${holdUp}`);
  }
  return true;
}

/** How a person makes it ours, where `npm run up` found it made by others. */
export function handOver(access: Access, name: string): string {
  return `\`${access.typed('kubectl', ['label', 'namespace', name, 'app.kubernetes.io/part-of=shop'])}\``;
}

/** Whether it was made by `npm run up`; false where it is not there. */
export async function isOurs(access: Access, name: string): Promise<boolean> {
  const label = 'jsonpath={.metadata.labels.app\\.kubernetes\\.io/part-of}';
  return (await access.kubectl(['get', 'namespace', name, '-o', label, '--ignore-not-found'])) === 'shop';
}

import { SetupError } from '../embedded/setup-error.ts';
import type { Access } from './access.ts';

/**
 * Whether Helm may work on a release: one that it died at stays pending, and each later upgrade says only that another operation is
 * in progress. It is not freed here, since nothing tells a helm that died from one that is still at work elsewhere.
 *
 * @throws SetupError with the command that frees it
 */
export async function requireFree(access: Access, name: string, namespace: string): Promise<void> {
  if (!(await access.hasRelease(name, namespace))) return;
  const { info, version } = JSON.parse(await access.helm(['status', name, '-n', namespace, '-o', 'json'])) as {
    info: { status: string };
    version: number;
  };
  if (!/^pending-|^uninstalling$/.test(info.status)) return;
  // There is nothing to go back to before the first revision.
  const verb = version === 1 || info.status === 'uninstalling' ? 'uninstall' : 'rollback';
  const command = access.typed('helm', [verb, name, '-n', namespace]);
  throw new SetupError(
    `Release ${name} in namespace ${namespace} is ${info.status}: when no helm is at work on it any more, run \`${command}\`, then this again.`,
  );
}

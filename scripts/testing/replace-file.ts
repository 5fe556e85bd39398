import { rename, writeFile } from 'node:fs/promises';

/** As the kubelet replaces what it mounts: nobody ever reads half of it, or an empty file. */
export async function replaceFile(path: string, text: string): Promise<void> {
  await writeFile(`${path}.next`, text);
  await rename(`${path}.next`, path);
}

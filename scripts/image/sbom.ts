/** What a bundle is made of, as a CycloneDX document: the packages that esbuild took files from, no others. */

/** The part of esbuild's record that counts here: what it took from each file. */
interface Taken {
  readonly outputs: Readonly<
    Record<string, { readonly inputs: Readonly<Record<string, { readonly bytesInOutput: number }>> }>
  >;
}

interface Locked {
  readonly version?: string;
  readonly license?: string;
  readonly integrity?: string;
}

export interface LockFile {
  readonly version: string;
  /** By folder, as `node_modules/express`. */
  readonly packages: Readonly<Record<string, Locked>>;
}

/** @returns folders as the lock file names them, nested ones too, sorted */
export function packagesOf(inputs: Iterable<string>): string[] {
  const folders = [...inputs].flatMap((input) => /^(.*\bnode_modules\/(?:@[^/]+\/)?[^/]+)\//.exec(input)?.[1] ?? []);
  return [...new Set(folders)].sort();
}

/**
 * @param extra folders of packages whose files lie beside the bundle
 * @throws Error naming a package that the lock file does not know
 */
export function sbomOf(service: string, { outputs }: Taken, extra: readonly string[], lock: LockFile) {
  const taken = Object.values(outputs)
    .flatMap(({ inputs }) => Object.entries(inputs))
    .flatMap(([file, { bytesInOutput }]) => (bytesInOutput > 0 ? [file] : []));
  const folders = packagesOf([...taken, ...extra.map((folder) => `${folder}/`)]);
  return {
    bomFormat: 'CycloneDX',
    specVersion: '1.6',
    version: 1,
    metadata: { component: { type: 'application', name: service, version: lock.version } },
    components: folders.map((folder) => componentOf(folder, lock.packages[folder])),
  };
}

function componentOf(folder: string, locked: Locked | undefined) {
  if (locked?.version === undefined) throw new Error(`${folder} is in the bundle, but not in package-lock.json`);
  const name = folder.slice(folder.lastIndexOf('node_modules/') + 'node_modules/'.length);
  const sha512 = /^sha512-(.+)$/.exec(locked.integrity ?? '')?.[1];
  return {
    type: 'library',
    name,
    version: locked.version,
    purl: `pkg:npm/${name.replace('@', '%40')}@${locked.version}`,
    ...(locked.license && { licenses: [{ expression: locked.license }] }),
    ...(sha512 && { hashes: [{ alg: 'SHA-512', content: Buffer.from(sha512, 'base64').toString('hex') }] }),
  };
}

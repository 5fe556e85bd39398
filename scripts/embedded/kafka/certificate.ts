import { randomUUID } from 'node:crypto';
import { mkdir, rename, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { exists, unfinished } from '../cache.ts';
import { mustRun } from '../run.ts';

export interface Certificate {
  keystore: { file: string; password: string };
  /** PEM file that a client trusts. */
  caFile: string;
}

/** Guards nothing: the key belongs to a broker that only this machine can reach, and lies beside its password. */
const password = 'embedded';

/** A key and a self-signed certificate for localhost and 127.0.0.1, made once per folder with the JDK's keytool. */
export async function makeCertificate(folder: string, keytool: string): Promise<Certificate> {
  const file = join(folder, 'broker.p12');
  const caFile = join(folder, 'ca.pem');
  const certificate = { keystore: { file, password }, caFile };
  if (await exists(folder)) return certificate;

  const part = unfinished(folder);
  await mkdir(part, { recursive: true });
  const store = ['-alias', 'broker', '-storetype', 'PKCS12', '-storepass', password];
  try {
    // A name of its own: who trusts two of these could not tell them apart.
    const names = ['-dname', `CN=localhost,OU=${randomUUID()}`, '-ext', 'san=dns:localhost,ip:127.0.0.1'];
    const key = ['-keyalg', 'EC', '-groupname', 'secp256r1', '-validity', '3650'];
    await mustRun(keytool, ['-genkeypair', ...store, '-keystore', join(part, 'broker.p12'), ...key, ...names]);
    const source = ['-keystore', join(part, 'broker.p12'), '-file', join(part, 'ca.pem')];
    await mustRun(keytool, ['-exportcert', '-rfc', ...store, ...source]);
    await rename(part, folder);
  } finally {
    await rm(part, { recursive: true, force: true });
  }
  return certificate;
}

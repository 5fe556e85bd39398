import { X509Certificate } from 'node:crypto';
import { readdirSync, readFileSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { createSecureContext, type SecureContext } from 'node:tls';
import { ConfigurationError } from '../env.ts';
import { lastGood } from '../last-good.ts';
import type { Logger } from '../log.ts';
import type { KafkaSettings } from './settings.ts';

/** PEM texts. */
export interface TlsFiles {
  readonly ca?: string;
  readonly cert?: string;
  readonly key?: string;
}

export interface SaslUser {
  readonly username: string;
  readonly password: string;
}

export interface Login {
  readonly mechanism: NonNullable<KafkaSettings['kafkaSaslMechanism']>;
  readonly user: () => SaslUser;
}

/** How Kafka is reached; what stands in files is read by each call, because mounted Secrets are replaced. */
export interface KafkaSecurity {
  /** `undefined` for plain connections. */
  readonly tls: (() => TlsFiles) | undefined;
  readonly sasl: Login | undefined;
}

/**
 * Checks that settings which need each other are all there, and that the files they name can be read.
 *
 * @throws ConfigurationError naming every variable that is missing, idle or unreadable
 */
export function readSecurity(settings: KafkaSettings, readFile = readText): KafkaSecurity {
  const faults = [...tlsFaults(settings), ...saslFaults(settings)];
  const { kafkaTls, kafkaSaslMechanism: mechanism } = settings;
  const tls = kafkaTls ? () => readTls(settings, readFile) : undefined;
  const user = () => readUser(settings, readFile);
  for (const read of faults.length > 0 ? [] : [tls, mechanism && user]) {
    try {
      read?.();
    } catch (error) {
      faults.push(...(error as ConfigurationError).faults);
    }
  }
  if (faults.length > 0) throw new ConfigurationError(faults);
  return { tls, sasl: mechanism && { mechanism, user } };
}

/** The same for a client: what it is told is the newest that can be used. A file that cannot is told in the log. */
export function followSecurity(settings: KafkaSettings, log: Logger) {
  const { tls, sasl } = readSecurity(settings);
  const warn = (err: Error) => log.warn({ err }, 'new credentials for Kafka cannot be used, the last ones stay');
  return {
    tls: tls && lastGood(() => contextOf(tls()), warn),
    sasl: sasl && { mechanism: sasl.mechanism, user: lastGood(sasl.user, warn) },
  };
}

const certificates = /-----BEGIN [\s\S]*?-----END [A-Z ]*-----/g;

function contextOf(files: TlsFiles): SecureContext {
  try {
    // Of what it cannot read in `ca` Node says nothing, and trusts nobody then.
    for (const [certificate] of files.ca?.matchAll(certificates) ?? []) new X509Certificate(certificate);
    return createSecureContext(files);
  } catch (error) {
    throw new ConfigurationError([`the files of KAFKA_TLS_… do not fit together: ${(error as Error).message}`]);
  }
}

type ReadFile = (path: string) => string;

/** Of a folder all its certificates: while Strimzi replaces an authority, its Secret has the old one under another name. */
function readText(path: string): string {
  if (!statSync(path).isDirectory()) return readFileSync(path, 'utf8');
  const files = readdirSync(path).filter((name) => name.endsWith('.crt'));
  return files
    .sort()
    .map((name) => readFileSync(join(path, name), 'utf8'))
    .join('\n');
}

function tlsFaults({ kafkaTls, kafkaTlsCaFile, kafkaTlsCertFile, kafkaTlsKeyFile }: KafkaSettings): string[] {
  if (!kafkaTls && (kafkaTlsCaFile || kafkaTlsCertFile || kafkaTlsKeyFile))
    return ['KAFKA_TLS must be true when KAFKA_TLS_CA_FILE, KAFKA_TLS_CERT_FILE or KAFKA_TLS_KEY_FILE is set'];
  if (Boolean(kafkaTlsCertFile) !== Boolean(kafkaTlsKeyFile))
    return ['KAFKA_TLS_CERT_FILE and KAFKA_TLS_KEY_FILE must be set together'];
  return [];
}

function saslFaults(settings: KafkaSettings): string[] {
  const { kafkaSaslMechanism, kafkaSaslUsername, kafkaSaslUsernameFile } = settings;
  const { kafkaSaslPassword, kafkaSaslPasswordFile } = settings;
  const faults: string[] = [];
  if (kafkaSaslUsername && kafkaSaslUsernameFile)
    faults.push('KAFKA_SASL_USERNAME and KAFKA_SASL_USERNAME_FILE exclude each other');
  if (kafkaSaslPassword && kafkaSaslPasswordFile)
    faults.push('KAFKA_SASL_PASSWORD and KAFKA_SASL_PASSWORD_FILE exclude each other');
  const name = kafkaSaslUsername ?? kafkaSaslUsernameFile;
  const password = kafkaSaslPassword ?? kafkaSaslPasswordFile;
  if (kafkaSaslMechanism === undefined && (name !== undefined || password !== undefined))
    faults.push('KAFKA_SASL_MECHANISM must be set when a SASL user or password is');
  if (kafkaSaslMechanism !== undefined && (name === undefined || password === undefined))
    faults.push(
      'KAFKA_SASL_USERNAME and KAFKA_SASL_PASSWORD, or their files, must be set when KAFKA_SASL_MECHANISM is',
    );
  return faults;
}

/** The contents of files by their variables; all that cannot be used are named at once. */
function readAll<K extends string>(files: Record<K, string | undefined>, what: string, use: (path: string) => string) {
  const faults: string[] = [];
  const texts: Partial<Record<K, string>> = {};
  for (const variable of Object.keys(files) as K[]) {
    const path = files[variable];
    try {
      if (path !== undefined) texts[variable] = use(path);
    } catch (error) {
      faults.push(`${variable} must be a readable ${what}, but ${path} is not: ${(error as Error).message}`);
    }
  }
  if (faults.length > 0) throw new ConfigurationError(faults);
  return texts;
}

function readTls({ kafkaTlsCaFile, kafkaTlsCertFile, kafkaTlsKeyFile }: KafkaSettings, readFile: ReadFile): TlsFiles {
  const files = {
    KAFKA_TLS_CA_FILE: kafkaTlsCaFile,
    KAFKA_TLS_CERT_FILE: kafkaTlsCertFile,
    KAFKA_TLS_KEY_FILE: kafkaTlsKeyFile,
  };
  const {
    KAFKA_TLS_CA_FILE: ca,
    KAFKA_TLS_CERT_FILE: cert,
    KAFKA_TLS_KEY_FILE: key,
  } = readAll(files, 'PEM file', (path) => {
    const pem = readFile(path);
    if (!pem.includes('-----BEGIN ')) throw new Error('it holds no PEM block');
    return pem;
  });
  return { ...(ca && { ca }), ...(cert && { cert }), ...(key && { key }) };
}

function readUser(settings: KafkaSettings, readFile: ReadFile): SaslUser {
  const files = {
    KAFKA_SASL_USERNAME_FILE: settings.kafkaSaslUsernameFile,
    KAFKA_SASL_PASSWORD_FILE: settings.kafkaSaslPasswordFile,
  };
  const texts = readAll(files, 'file', (path) => {
    // Editors and `echo` end a file with a line break; no password does.
    const text = readFile(path).replace(/\r?\n$/, '');
    if (text === '') throw new Error('it is empty');
    return text;
  });
  return {
    username: settings.kafkaSaslUsername ?? texts.KAFKA_SASL_USERNAME_FILE ?? '',
    password: settings.kafkaSaslPassword ?? texts.KAFKA_SASL_PASSWORD_FILE ?? '',
  };
}

import { readFileSync } from 'node:fs';
import { ConfigurationError, flag, hostPorts, oneOf, optional, type Setting, text, type Values } from '../env.ts';

const bootstrap = hostPorts('KAFKA_BROKERS', '127.0.0.1:9092', 'Kafka bootstrap servers');

const brokers: Setting<string[]> = {
  ...bootstrap,
  parse(raw) {
    // The client splits at the first colon, so a bare IPv6 address cannot be reached.
    if (raw.includes('[')) throw new Error('host:port with a name or an IPv4 address');
    return bootstrap.parse(raw);
  },
};

const password = { ...text('KAFKA_SASL_PASSWORD', undefined, 'password of the SASL user'), secret: true };

export const kafkaSettings = {
  kafkaBrokers: brokers,
  kafkaTls: flag('KAFKA_TLS', 'false', 'whether connections to Kafka are encrypted'),
  kafkaTlsCaFile: optional(
    text(
      'KAFKA_TLS_CA_FILE',
      undefined,
      'PEM file of the authority that signed the brokers; unset trusts the public ones',
    ),
  ),
  kafkaTlsCertFile: optional(text('KAFKA_TLS_CERT_FILE', undefined, 'PEM file of the client certificate (mutual TLS)')),
  kafkaTlsKeyFile: optional(text('KAFKA_TLS_KEY_FILE', undefined, 'PEM file of the key to KAFKA_TLS_CERT_FILE')),
  kafkaSaslMechanism: optional(
    oneOf('KAFKA_SASL_MECHANISM', undefined, 'how the client authenticates; unset for not at all', [
      'scram-sha-256',
      'scram-sha-512',
      'plain',
    ]),
  ),
  kafkaSaslUsername: optional(text('KAFKA_SASL_USERNAME', undefined, 'name of the SASL user')),
  kafkaSaslPassword: optional(password),
};

export type KafkaSettings = Values<typeof kafkaSettings>;

export interface KafkaSecurity {
  /** PEM texts; `undefined` for a plain connection. */
  readonly tls: { readonly ca?: string[]; readonly cert?: string; readonly key?: string } | undefined;
  readonly sasl:
    | {
        readonly mechanism: NonNullable<KafkaSettings['kafkaSaslMechanism']>;
        readonly username: string;
        readonly password: string;
      }
    | undefined;
}

/**
 * Reads the files that the settings name and checks that settings which need each other are all there.
 *
 * @throws ConfigurationError naming every variable that is missing, idle or unreadable
 */
export function readSecurity(settings: KafkaSettings, readFile = readText): KafkaSecurity {
  const faults: string[] = [];
  const security = { tls: readTls(settings, readFile, faults), sasl: readSasl(settings, faults) };
  if (faults.length > 0) throw new ConfigurationError(faults);
  return security;
}

type ReadFile = (path: string) => string;

function readText(path: string): string {
  return readFileSync(path, 'utf8');
}

function readTls(settings: KafkaSettings, readFile: ReadFile, faults: string[]): KafkaSecurity['tls'] {
  const { kafkaTls, kafkaTlsCaFile, kafkaTlsCertFile, kafkaTlsKeyFile } = settings;
  if (!kafkaTls) {
    if (kafkaTlsCaFile || kafkaTlsCertFile || kafkaTlsKeyFile)
      faults.push('KAFKA_TLS must be true when KAFKA_TLS_CA_FILE, KAFKA_TLS_CERT_FILE or KAFKA_TLS_KEY_FILE is set');
    return undefined;
  }
  if (Boolean(kafkaTlsCertFile) !== Boolean(kafkaTlsKeyFile))
    faults.push('KAFKA_TLS_CERT_FILE and KAFKA_TLS_KEY_FILE must be set together');
  const pem = (variable: string, path: string | undefined) => {
    try {
      return path === undefined ? undefined : readPem(path, readFile);
    } catch (error) {
      faults.push(`${variable} must be a readable PEM file, but ${path} is not: ${(error as Error).message}`);
      return undefined;
    }
  };
  const ca = pem('KAFKA_TLS_CA_FILE', kafkaTlsCaFile);
  const cert = pem('KAFKA_TLS_CERT_FILE', kafkaTlsCertFile);
  const key = pem('KAFKA_TLS_KEY_FILE', kafkaTlsKeyFile);
  return { ...(ca && { ca: [ca] }), ...(cert && { cert }), ...(key && { key }) };
}

function readPem(path: string, readFile: ReadFile): string {
  const pem = readFile(path);
  if (!pem.includes('-----BEGIN ')) throw new Error('it holds no PEM block');
  return pem;
}

function readSasl(settings: KafkaSettings, faults: string[]): KafkaSecurity['sasl'] {
  const { kafkaSaslMechanism: mechanism, kafkaSaslUsername: username, kafkaSaslPassword: password } = settings;
  if (mechanism === undefined) {
    if (username !== undefined || password !== undefined)
      faults.push('KAFKA_SASL_MECHANISM must be set when KAFKA_SASL_USERNAME or KAFKA_SASL_PASSWORD is');
    return undefined;
  }
  if (username === undefined || password === undefined) {
    faults.push('KAFKA_SASL_USERNAME and KAFKA_SASL_PASSWORD must be set when KAFKA_SASL_MECHANISM is');
    return undefined;
  }
  return { mechanism, username, password };
}

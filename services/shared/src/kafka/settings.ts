import { flag, hostPorts, oneOf, optional, type Setting, secret, text, type Values } from '../env.ts';

const bootstrap = hostPorts('KAFKA_BROKERS', '127.0.0.1:9092', 'Kafka bootstrap servers');

const brokers: Setting<string[]> = {
  ...bootstrap,
  parse(raw) {
    // The client splits at the first colon, so a bare IPv6 address cannot be reached.
    if (raw.includes('[')) throw new Error('host:port with a name or an IPv4 address');
    return bootstrap.parse(raw);
  },
};

const password = secret(text('KAFKA_SASL_PASSWORD', undefined, 'password of the SASL user'));

export const kafkaSettings = {
  kafkaBrokers: brokers,
  kafkaTls: flag('KAFKA_TLS', 'false', 'whether connections to Kafka are encrypted'),
  kafkaTlsCaFile: optional(
    text(
      'KAFKA_TLS_CA_FILE',
      undefined,
      'PEM file of the authority that signed the brokers, or a folder of such files (*.crt); unset trusts the public ones',
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
  kafkaSaslUsernameFile: optional(
    text('KAFKA_SASL_USERNAME_FILE', undefined, 'file with that name, read again for each login; instead of the name'),
  ),
  kafkaSaslPassword: optional(password),
  kafkaSaslPasswordFile: optional(
    text(
      'KAFKA_SASL_PASSWORD_FILE',
      undefined,
      'file with that password, read again for each login; instead of the password',
    ),
  ),
};

export type KafkaSettings = Values<typeof kafkaSettings>;

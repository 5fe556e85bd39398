/** What `server.properties` of a one-broker KRaft cluster says. Pure. */

export interface SecureListener {
  port: number;
  /** A PKCS12 file with the broker's key; without it the listener is plain SASL. */
  keystore?: { file: string; password: string };
  /** True where clients must give a SCRAM-SHA-512 name and password. */
  scram: boolean;
  /** A login is good for this long; a connection that does not log in again by then is closed. For ever by default. */
  loginMs?: number | undefined;
}

export interface KafkaPorts {
  port: number;
  controllerPort: number;
}

/** Properties as Kafka's Java code reads them; every listener is on 127.0.0.1 only. */
export function serverProperties(logDir: string, ports: KafkaPorts, secure?: SecureListener): string {
  const host = '127.0.0.1';
  const broker = `PLAINTEXT://${host}:${ports.port}`;
  const controller = `CONTROLLER://${host}:${ports.controllerPort}`;
  const secured = secure ? [`SECURE://${host}:${secure.port}`] : [];
  const protocols = ['PLAINTEXT:PLAINTEXT', 'CONTROLLER:PLAINTEXT'];
  if (secure) protocols.push(`SECURE:${secureProtocol(secure)}`);
  return lines({
    'process.roles': 'broker,controller',
    'node.id': '1',
    'log.dirs': escaped(logDir),
    listeners: [broker, controller, ...secured].join(','),
    'advertised.listeners': [broker, ...secured].join(','),
    'listener.security.protocol.map': protocols.join(','),
    'inter.broker.listener.name': 'PLAINTEXT',
    'controller.listener.names': 'CONTROLLER',
    'controller.quorum.bootstrap.servers': `${host}:${ports.controllerPort}`,
    ...singleBroker,
    ...quick,
    ...(secure ? secureProperties(secure) : {}),
  });
}

/** One broker can hold one replica; topics exist only because somebody created them. */
const singleBroker = {
  'auto.create.topics.enable': 'false',
  'default.replication.factor': '1',
  'min.insync.replicas': '1',
  'offsets.topic.replication.factor': '1',
  'transaction.state.log.replication.factor': '1',
  'transaction.state.log.min.isr': '1',
  'share.coordinator.state.topic.replication.factor': '1',
  'share.coordinator.state.topic.min.isr': '1',
};

/** Small internal topics and buffers, and no waiting that only a cluster of many machines needs. */
const quick = {
  'offsets.topic.num.partitions': '3',
  'transaction.state.log.num.partitions': '2',
  'share.coordinator.state.topic.num.partitions': '2',
  'group.initial.rebalance.delay.ms': '0',
  'log.cleaner.dedupe.buffer.size': '8388608',
  'num.network.threads': '2',
  'num.io.threads': '4',
  // After SIGKILL the controller refuses the broker's next life until the session of the last one has run out.
  'broker.session.timeout.ms': '3000',
  'broker.heartbeat.interval.ms': '500',
};

function secureProtocol({ keystore, scram }: SecureListener): string {
  if (keystore) return scram ? 'SASL_SSL' : 'SSL';
  return 'SASL_PLAINTEXT';
}

function secureProperties({ keystore, scram, loginMs }: SecureListener): Record<string, string> {
  const prefix = 'listener.name.secure';
  return {
    ...(keystore && {
      [`${prefix}.ssl.keystore.type`]: 'PKCS12',
      [`${prefix}.ssl.keystore.location`]: escaped(keystore.file),
      [`${prefix}.ssl.keystore.password`]: keystore.password,
    }),
    ...(scram && {
      [`${prefix}.sasl.enabled.mechanisms`]: 'SCRAM-SHA-512',
      [`${prefix}.scram-sha-512.sasl.jaas.config`]: 'org.apache.kafka.common.security.scram.ScramLoginModule required;',
    }),
    ...(loginMs !== undefined && { [`${prefix}.connections.max.reauth.ms`]: String(loginMs) }),
  };
}

/** In a properties file a backslash starts an escape. */
function escaped(path: string): string {
  return path.replaceAll('\\', '\\\\');
}

function lines(properties: Record<string, string>): string {
  return Object.entries(properties)
    .map(([key, value]) => `${key}=${value}\n`)
    .join('');
}

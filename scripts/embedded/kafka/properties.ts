/** What `server.properties` of a node in a KRaft cluster says. Pure. */

export interface SecureListener {
  port: number;
  /** A PKCS12 file with the broker's key; without it the listener is plain SASL. */
  keystore?: { file: string; password: string };
  /** True where clients must give a SCRAM-SHA-512 name and password. */
  scram: boolean;
  /** A login is good for this long; a connection that does not log in again by then is closed. For ever by default. */
  loginMs?: number | undefined;
}

export interface Cluster {
  id: string;
  /** Of the quorum, the port of node 1 first. */
  controllerPorts: readonly number[];
}

export interface Member extends Cluster {
  /** From 1. A node beyond the quorum is a broker alone, the others are both. */
  nodeId: number;
}

const host = '127.0.0.1';

/** Properties as Kafka's Java code reads them; every listener is on 127.0.0.1 only. */
export function serverProperties(logDir: string, port: number, member: Member, secure?: SecureListener): string {
  const { nodeId, controllerPorts } = member;
  const broker = `PLAINTEXT://${host}:${port}`;
  const controller = controllerPorts.slice(nodeId - 1, nodeId).map((each) => `CONTROLLER://${host}:${each}`);
  const secured = secure ? [`SECURE://${host}:${secure.port}`] : [];
  const protocols = ['PLAINTEXT:PLAINTEXT', 'CONTROLLER:PLAINTEXT'];
  if (secure) protocols.push(`SECURE:${secureProtocol(secure)}`);
  return lines({
    'process.roles': controller.length > 0 ? 'broker,controller' : 'broker',
    'node.id': String(nodeId),
    'log.dirs': escaped(logDir),
    listeners: [broker, ...controller, ...secured].join(','),
    'advertised.listeners': [broker, ...secured].join(','),
    'listener.security.protocol.map': protocols.join(','),
    'inter.broker.listener.name': 'PLAINTEXT',
    'controller.listener.names': 'CONTROLLER',
    ...quorum(controllerPorts),
    ...replication(controllerPorts.length),
    ...quick,
    ...(secure ? secureProperties(secure) : {}),
  });
}

/** One controller may move to another port between two starts; those that vote must know each other beforehand. */
function quorum(ports: readonly number[]): Record<string, string> {
  const addresses = ports.map((port) => `${host}:${port}`);
  if (addresses.length === 1) return { 'controller.quorum.bootstrap.servers': addresses.join() };
  return { 'controller.quorum.voters': addresses.map((address, index) => `${index + 1}@${address}`).join() };
}

/** As many replicas as there are nodes in the quorum, most of which have to have what counts as written. */
function replication(nodes: number): Record<string, string> {
  const factor = String(nodes);
  const minInSync = String(Math.floor(nodes / 2) + 1);
  return {
    'default.replication.factor': factor,
    'min.insync.replicas': minInSync,
    'offsets.topic.replication.factor': factor,
    'transaction.state.log.replication.factor': factor,
    'transaction.state.log.min.isr': minInSync,
    'share.coordinator.state.topic.replication.factor': factor,
    'share.coordinator.state.topic.min.isr': minInSync,
  };
}

/**
 * Small internal topics and buffers, and no waiting that only a cluster of many machines needs. Topics exist only because
 * somebody created them.
 */
const quick = {
  'auto.create.topics.enable': 'false',
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
  // A broker that is back leads again what it led, seconds and not minutes later.
  'leader.imbalance.check.interval.seconds': '5',
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

/** The resources that all sides have alike. Pure. */
import { messageMs } from './loads.ts';
import { type Group, metricsPort } from './sides.ts';

const ours = { 'app.kubernetes.io/part-of': 'versus-keda' };
const restricted = {
  allowPrivilegeEscalation: false,
  capabilities: { drop: ['ALL'] },
  seccompProfile: { type: 'RuntimeDefault' },
};
export const consumerLabels = { ...ours, 'app.kubernetes.io/component': 'consumer' };
export const kafkaVersion = '4.3.1';
export const innerPort = 9092;
export const outerPort = 9094;

const startKafka = [
  'run() { java -cp "/opt/kafka/libs/*" "$@"; }',
  'run kafka.tools.StorageTool format --standalone -t versusKedaVersusKedaQA -c /config/server.properties',
  'exec java -Xmx384m -XX:+UseSerialGC -cp "/opt/kafka/libs/*" kafka.Kafka /config/server.properties',
].join('\n');

/**
 * A broker that pods reach by its Service, and whoever forwards a port to it at that port of 127.0.0.1.
 *
 * @param outer the port there
 */
export function kafka(namespace: string, outer: number): object[] {
  const labels = { ...ours, app: 'kafka' };
  const properties = {
    'process.roles': 'broker,controller',
    'node.id': '1',
    'log.dirs': '/data/kafka',
    listeners: `INNER://:${innerPort},OUTER://:${outerPort},CONTROLLER://127.0.0.1:9093`,
    'advertised.listeners': `INNER://${bootstrapServers(namespace)},OUTER://127.0.0.1:${outer}`,
    'listener.security.protocol.map': 'INNER:PLAINTEXT,OUTER:PLAINTEXT,CONTROLLER:PLAINTEXT',
    'inter.broker.listener.name': 'INNER',
    'controller.listener.names': 'CONTROLLER',
    'controller.quorum.bootstrap.servers': '127.0.0.1:9093',
    'offsets.topic.replication.factor': '1',
    'offsets.topic.num.partitions': '3',
  };
  const lines = Object.entries(properties).map(([name, value]) => `${name}=${value}\n`);
  const container = {
    name: 'kafka',
    image: `apache/kafka:${kafkaVersion}`,
    imagePullPolicy: 'IfNotPresent',
    command: ['sh', '-ec', startKafka],
    ports: [{ containerPort: innerPort }, { containerPort: outerPort }],
    readinessProbe: { tcpSocket: { port: outerPort }, periodSeconds: 1 },
    securityContext: restricted,
    volumeMounts: [
      { name: 'config', mountPath: '/config' },
      { name: 'data', mountPath: '/data' },
    ],
  };
  return [
    configMap('kafka', { 'server.properties': lines.join('') }),
    service('kafka', { app: 'kafka' }, innerPort),
    deployment('kafka', labels, {
      securityContext: { runAsNonRoot: true, runAsUser: 1000, fsGroup: 1000 },
      containers: [container],
      volumes: [
        { name: 'config', configMap: { name: 'kafka' } },
        { name: 'data', emptyDir: {} },
      ],
    }),
  ];
}

export function bootstrapServers(namespace: string): string {
  return `kafka.${namespace}.svc:${innerPort}`;
}

/** The program that every consumer runs. */
export function consumerProgram(code: string): object {
  return configMap('consumer', { 'consumer.mjs': code });
}

/** One consumer at first, and the Service by which its pods' metrics are found. */
export function consumer({ name, topic, bootstrapServers: brokers }: Group, image: string): object[] {
  const labels = { ...consumerLabels, app: name };
  const env = {
    KAFKA_BROKERS: brokers,
    GROUP: name,
    TOPIC: topic,
    MESSAGE_MS: String(messageMs),
    PORT: String(metricsPort),
  };
  const container = {
    name: 'consumer',
    image,
    imagePullPolicy: 'IfNotPresent',
    args: ['/program/consumer.mjs'],
    env: Object.entries(env).map(([variable, value]) => ({ name: variable, value })),
    ports: [{ containerPort: metricsPort }],
    readinessProbe: { httpGet: { path: '/readyz', port: metricsPort }, periodSeconds: 1 },
    securityContext: restricted,
    volumeMounts: [{ name: 'program', mountPath: '/program' }],
  };
  return [
    service(name, { app: name }, metricsPort),
    deployment(name, labels, {
      automountServiceAccountToken: false,
      terminationGracePeriodSeconds: 15,
      securityContext: { runAsNonRoot: true, runAsUser: 65_532 },
      containers: [container],
      volumes: [{ name: 'program', configMap: { name: 'consumer' } }],
    }),
  ];
}

function configMap(name: string, data: Readonly<Record<string, string>>): object {
  return { apiVersion: 'v1', kind: 'ConfigMap', metadata: { name, labels: ours }, data };
}

function service(name: string, selector: object, port: number): object {
  const spec = { clusterIP: 'None', publishNotReadyAddresses: true, selector, ports: [{ port }] };
  return { apiVersion: 'v1', kind: 'Service', metadata: { name, labels: ours }, spec };
}

/** Without a count of replicas, which is somebody else's: one at first. */
function deployment(name: string, labels: object, pod: object): object {
  const selector = { matchLabels: { app: name } };
  const template = { metadata: { labels: { ...labels, app: name } }, spec: { enableServiceLinks: false, ...pod } };
  return { apiVersion: 'apps/v1', kind: 'Deployment', metadata: { name, labels }, spec: { selector, template } };
}

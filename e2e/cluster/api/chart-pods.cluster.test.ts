import { describe, expect, it, jest } from '@jest/globals';
import { settings as clients } from '../../../services/clients/src/config.ts';
import { settings as lagController } from '../../../services/lag-controller/src/config.ts';
import { settings as notifications } from '../../../services/notifications/src/config.ts';
import { settings as orders } from '../../../services/orders/src/config.ts';
import { settings as payments } from '../../../services/payments/src/config.ts';
import { settings as products } from '../../../services/products/src/config.ts';
import { settings as provider } from '../../../services/provider/src/config.ts';
import { readSettings, type Settings } from '../../../services/shared/src/env.ts';
import { readSecurity } from '../../../services/shared/src/kafka/security.ts';
import { kafkaSettings } from '../../../services/shared/src/kafka/settings.ts';
import { environmentOf, render, valueSets } from '../helm.ts';

jest.setTimeout(300_000);

const settingsOf: Record<string, Settings> = {
  clients,
  'dead-letters': kafkaSettings,
  'lag-controller': lagController,
  notifications,
  orders,
  payments,
  products,
  provider,
};
/** They look at Kubernetes and Helm, not at a service. */
const testVariables = ['ORDERS_URL', 'CLIENTS_URL', 'PRODUCTS_URL', 'TOKEN_FILE'];
const sets = ['shop', 'lag-controller'].flatMap((chart) => valueSets(chart).map((file) => [chart, file] as const));

describe.each(sets)('the pods of %s with %s', (chart, file) => {
  it('are such as PodSecurity «restricted» lets in, with a root file system that nobody writes to', async () => {
    const liveUpdate = file.includes('plain-secret');
    for (const { spec } of (await render(chart, { files: [file] })).pods().values()) {
      expect(spec?.securityContext).toMatchObject({
        runAsNonRoot: true,
        runAsUser: 65532,
        seccompProfile: { type: 'RuntimeDefault' },
      });
      for (const { securityContext, name } of spec?.containers ?? [])
        expect(securityContext).toEqual({
          allowPrivilegeEscalation: false,
          capabilities: { drop: ['ALL'] },
          readOnlyRootFilesystem: !liveUpdate || name === 'order',
        });
    }
  });

  it('leave their user to OpenShift, which has a range of its own for each namespace', async () => {
    const rendering = await render(chart, { files: [file], apis: ['security.openshift.io/v1'] });
    for (const { spec } of rendering.pods().values())
      expect(spec?.securityContext).toEqual({ runAsNonRoot: true, seccompProfile: { type: 'RuntimeDefault' } });
  });

  it('get a token of the API server only where one is used', async () => {
    for (const [name, { spec }] of (await render(chart, { files: [file] })).pods()) {
      expect(spec?.enableServiceLinks).toBe(false);
      expect([name, spec?.automountServiceAccountToken ?? true]).toEqual([name, name.endsWith('lag-controller')]);
    }
  });

  it('are told what their service knows, in values that it takes', async () => {
    for (const [podName, pod] of (await render(chart, { files: [file] })).pods()) {
      const name = pod.spec?.containers[0]?.name ?? '';
      const environment = environmentOf(pod);
      if (podName.endsWith('shop-test')) {
        expect(Object.keys(environment).filter((variable) => !testVariables.includes(variable))).toEqual([]);
        continue;
      }
      const settings = settingsOf[name];
      if (!settings) throw new Error(`${name} is no service`);
      const known = Object.values(settings).map(({ variable }) => variable);
      expect(Object.keys(environment).filter((variable) => !known.includes(variable))).toEqual([]);
      const told = { ...environment, ...fromSecrets(environment) };
      expect(() => readSettings(settings, told)).not.toThrow();
      if ('KAFKA_BROKERS' in told)
        expect(() => readSecurity(readSettings(kafkaSettings, told), mountedFile(pod))).not.toThrow();
    }
  });

  it('have every file that MongoDB, RabbitMQ and the channel are told of by', async () => {
    for (const pod of (await render(chart, { files: [file] })).pods().values()) {
      const { MONGODB_URI_FILE: addressFile, MONGODB_URI: address = '' } = environmentOf(pod);
      const caFile = new URLSearchParams(address.split('?')[1]).get('tlsCAFile');
      const { AMQP_URL_FILE, AMQP_CA_FILE, SMTP_URL_FILE, WEBHOOK_SECRET_FILE } = environmentOf(pod);
      for (const path of [addressFile, caFile, AMQP_URL_FILE, AMQP_CA_FILE, SMTP_URL_FILE, WEBHOOK_SECRET_FILE])
        if (path) expect(() => mountedFile(pod)(path)).not.toThrow();
    }
  });

  it('are asked for life and for readiness apart, patiently, and get time to end', async () => {
    for (const { metadata, spec } of (await render(chart, { files: [file] })).all('Deployment')) {
      // Nobody calls it, and it has nothing in hand.
      if (metadata?.name === 'dead-letters') continue;
      const pod = spec?.template.spec;
      const [container] = pod?.containers ?? [];
      expect(container?.livenessProbe?.httpGet?.path).toBe('/livez');
      expect(container?.readinessProbe?.httpGet?.path).toBe('/readyz');
      expect(container?.livenessProbe?.timeoutSeconds).toBeGreaterThanOrEqual(3);
      expect(container?.readinessProbe?.timeoutSeconds).toBeGreaterThanOrEqual(3);
      const shutdownMs = Number(environmentOf(spec?.template ?? {}).SHUTDOWN_TIMEOUT_MS);
      expect((pod?.terminationGracePeriodSeconds ?? 0) * 1_000).toBeGreaterThan(shutdownMs);
    }
  });

  it('mount only volumes that they have', async () => {
    for (const { spec } of (await render(chart, { files: [file] })).pods().values()) {
      const volumes = spec?.volumes?.map(({ name }) => name).sort();
      expect(spec?.containers.flatMap(({ volumeMounts = [] }) => volumeMounts.map(({ name }) => name)).sort()).toEqual(
        volumes,
      );
    }
  });
});

/** A value in the place of each that comes from a Secret. */
function fromSecrets(environment: Record<string, string>): Record<string, string> {
  const stand: Record<string, string> = {
    KAFKA_BROKERS: 'kafka:9092',
  };
  const taken = Object.entries(environment).filter(([, value]) => value.startsWith('from '));
  return Object.fromEntries(taken.map(([variable]) => [variable, stand[variable] ?? 'given']));
}

/** Reads PEM text where the pod mounts a file, or a whole Secret, and fails elsewhere. */
function mountedFile({ spec }: { spec?: import('@kubernetes/client-node').V1PodSpec | undefined }) {
  const mounts = spec?.containers[0]?.volumeMounts ?? [];
  const files = mounts.flatMap(({ name, mountPath }) => {
    const secret = spec?.volumes?.find((volume) => volume.name === name)?.secret;
    return secret && !secret.items ? mountPath : (secret?.items ?? []).map(({ path }) => `${mountPath}/${path}`);
  });
  return (path: string) => {
    if (!files.includes(path)) throw new Error(`${path} is not mounted`);
    return '-----BEGIN CERTIFICATE-----';
  };
}

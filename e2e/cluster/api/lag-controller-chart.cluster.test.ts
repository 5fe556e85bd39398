import { randomBytes } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, it, jest } from '@jest/globals';
import { kubectl } from '../cluster.ts';
import { environmentOf, type HelmMajor, helm, helms, render } from '../helm.ts';

jest.setTimeout(120_000);

const strimzi = { files: ['ci/strimzi-values.yaml'] };

describe('the rights of the lag controller', () => {
  it('are these, and no more', async () => {
    const { rules } = (await render('lag-controller', strimzi)).one('Role', 'r-lag-controller');
    expect(rules?.map(({ resources, resourceNames, verbs }) => [resources, verbs, resourceNames])).toEqual([
      [['lagscalers'], ['list'], undefined],
      [['lagscalers/status'], ['patch'], undefined],
      [['deployments'], ['get'], ['payments', 'invoices']],
      [['deployments/scale'], ['patch'], ['payments', 'invoices']],
      [['statefulsets'], ['get'], ['mailer']],
      [['statefulsets/scale'], ['patch'], ['mailer']],
      [['horizontalpodautoscalers'], ['list'], undefined],
      [['leases'], ['get', 'update'], ['lag-controller']],
      [['leases'], ['create'], undefined],
      [['events'], ['create'], undefined],
    ]);
  });

  it('are to list the kinds of its targets where it is told to list them, and to scale only those all the same', async () => {
    const values = { listTargets: true };
    const chart = await render('lag-controller', { ...strimzi, values });
    const { rules } = chart.one('Role', 'r-lag-controller');
    const ofApps = rules?.filter(({ apiGroups }) => apiGroups?.includes('apps'));
    expect(ofApps?.map(({ resources, resourceNames, verbs }) => [resources, verbs, resourceNames])).toEqual([
      [['deployments'], ['list'], undefined],
      [['deployments/scale'], ['patch'], ['payments', 'invoices']],
      [['statefulsets'], ['list'], undefined],
      [['statefulsets/scale'], ['patch'], ['mailer']],
    ]);
    const { spec } = chart.one('Deployment', 'r-lag-controller');
    expect(environmentOf(spec?.template ?? {})).toMatchObject({ LIST_TARGETS: 'true' });
  });

  it('are those of the account that it runs as, and of the Lease that it seeks', async () => {
    const chart = await render('lag-controller', strimzi);
    const { spec } = chart.one('Deployment', 'r-lag-controller');
    const binding = chart.objects.find(({ kind }) => kind === 'RoleBinding');
    expect(binding).toMatchObject({
      roleRef: { kind: 'Role', name: 'r-lag-controller' },
      subjects: [{ kind: 'ServiceAccount', name: spec?.template.spec?.serviceAccountName, namespace: 'n' }],
    });
    expect(environmentOf(spec?.template ?? {})).toMatchObject({
      TARGET: 'kubernetes',
      NAMESPACE: 'from metadata.namespace',
      LEASE_NAME: 'lag-controller',
    });
  });

  it('must be for something', async () => {
    await expect(render('lag-controller', { values: { 'kafka.bootstrapServers': 'kafka:9092' } })).rejects.toThrow(
      'targets: name what the controller may scale',
    );
  });
});

describe('the records of decisions', () => {
  const record = async (extraEnv: object) => {
    const { spec } = (await render('lag-controller', { ...strimzi, values: { extraEnv } })).one(
      'Deployment',
      'r-lag-controller',
    );
    const tmp = spec?.template.spec?.volumes?.find(({ name }) => name === 'tmp')?.emptyDir?.sizeLimit;
    return { maxBytes: Number(environmentOf(spec?.template ?? {}).RECORD_MAX_BYTES), tmp };
  };

  it('fit into /tmp, the full one and the next: beyond its limit the pod would be evicted', async () => {
    const { maxBytes, tmp } = await record({ RECORD_FILE: '/tmp/record' });
    expect(tmp).toMatch(/^\d+Mi$/);
    expect(2 * maxBytes).toBeGreaterThan(0);
    expect(2 * maxBytes).toBeLessThan(Number.parseInt(tmp ?? '', 10) * 2 ** 20);
  });

  it('may be smaller', async () => {
    expect((await record({ RECORD_MAX_BYTES: '1000000' })).maxBytes).toBe(1_000_000);
  });
});

describe('a release', () => {
  const namespace = `releases-${randomBytes(3).toString('hex')}`;
  const install = (name: string, major: HelmMajor) => {
    const values = ['--set', 'targets[0].kind=Deployment,targets[0].name=a,kafka.bootstrapServers=kafka:9092'];
    const where = ['--namespace', namespace, '--skip-crds', '--install'];
    return helm(['upgrade', name, 'charts/lag-controller', ...where, ...values], major);
  };

  beforeAll(() => kubectl(['create', 'namespace', namespace]));
  afterAll(() => kubectl(['delete', 'namespace', namespace, '--wait=false']));

  it.each(Object.keys(helms) as HelmMajor[])(
    'is refused by %s where another one serves the namespace',
    async (major) => {
      await install('first', major);
      await install('first', major);
      await expect(install('second', major)).rejects.toThrow(
        `release first serves every LagScaler of namespace ${namespace} already; add targets to it, or uninstall it`,
      );
      await helm(['uninstall', 'first', '--namespace', namespace, '--wait'], major);
    },
  );
});

describe('a user of Kafka', () => {
  const base = { targets: [{ kind: 'Deployment', name: 'a' }], 'kafka.secret': 'user', 'kafka.tls.enabled': true };
  const controller = async (values: object) => {
    const chart = await render('lag-controller', { values: { ...base, ...values } });
    const { template } = chart.one('Deployment', 'r-lag-controller').spec ?? {};
    const files = template?.spec?.volumes?.flatMap(({ secret }) =>
      secret && !secret.items
        ? `all of ${secret.secretName}`
        : (secret?.items ?? []).map(({ key, path }) => `${secret?.secretName} ${key} as ${path}`),
    );
    return { environment: environmentOf(template ?? {}), files };
  };

  it('of Strimzi is called as its Secret', async () => {
    const { environment, files } = await controller({
      'kafka.bootstrapServers': 'k:9093',
      'kafka.authentication': 'scram-sha-512',
      'kafka.tls.caSecret': 'shop-cluster-ca-cert',
    });
    expect(environment).toMatchObject({
      KAFKA_SASL_MECHANISM: 'scram-sha-512',
      KAFKA_SASL_USERNAME: 'user',
      KAFKA_SASL_PASSWORD_FILE: '/etc/kafka/user/password',
      KAFKA_TLS_CA_FILE: '/etc/kafka/ca/ca.crt',
    });
    expect(files).toEqual(['shop-cluster-ca-cert ca.crt as ca.crt', 'user password as password']);
  });

  it('of Strimzi trusts all certificates of the authority, also one that is being replaced, where no key is named', async () => {
    const { environment, files } = await controller({
      'kafka.bootstrapServers': 'k:9093',
      'kafka.tls.caSecret': 'shop-cluster-ca-cert',
      'kafka.tls.caKey': '',
    });
    expect(environment.KAFKA_TLS_CA_FILE).toBe('/etc/kafka/ca');
    expect(files).toEqual(['all of shop-cluster-ca-cert']);
  });

  it('of the Access Operator brings servers, name and authority', async () => {
    const { environment, files } = await controller({
      'kafka.secretShape': 'kafka-access',
      'kafka.authentication': 'scram-sha-512',
    });
    expect(environment).toMatchObject({
      KAFKA_BROKERS: 'from user bootstrapServers',
      KAFKA_SASL_USERNAME_FILE: '/etc/kafka/user/username',
      KAFKA_SASL_PASSWORD_FILE: '/etc/kafka/user/password',
    });
    expect(files).toEqual([
      'user ssl.truststore.crt as ca.crt',
      'user username as username',
      'user password as password',
    ]);
  });

  it.each([
    ['strimzi', 'user.crt', 'user.key'],
    ['kafka-access', 'ssl.keystore.crt', 'ssl.keystore.key'],
    ['plain', 'tls.crt', 'tls.key'],
  ])('of shape %s has its certificate in %s', async (secretShape, certificate, key) => {
    const { environment, files } = await controller({
      'kafka.bootstrapServers': 'k:9093',
      'kafka.authentication': 'tls',
      'kafka.secretShape': secretShape,
    });
    expect(environment).toMatchObject({ KAFKA_TLS: 'true', KAFKA_TLS_CERT_FILE: '/etc/kafka/user/user.crt' });
    expect(environment).not.toHaveProperty('KAFKA_SASL_MECHANISM');
    expect(files).toEqual(expect.arrayContaining([`user ${certificate} as user.crt`, `user ${key} as user.key`]));
  });
});

import { describe, expect, it, jest } from '@jest/globals';
import { kubectl } from '../cluster.ts';
import { environmentOf, type HelmMajor, helms, type Rendering, render } from '../helm.ts';

jest.setTimeout(120_000);

const smallest = ['ci/smallest-values.yaml'];
const majors = Object.keys(helms) as HelmMajor[];

/** As Helm 4 hands it over, whose own `--dry-run=server` does not. @throws with the API server's refusal */
async function applied(rendering: Rendering): Promise<string> {
  const list = { apiVersion: 'v1', kind: 'List', items: rendering.all('Deployment').map(inDefault) };
  return await kubectl(['apply', '--server-side', '--dry-run=server', '--field-manager=helm', '-f', '-'], list);
}

function inDefault<T extends { metadata?: object }>(object: T): T {
  return { ...object, metadata: { ...object.metadata, namespace: 'default' } };
}

const environment = (rendering: Rendering, name: string) =>
  environmentOf(rendering.one('Deployment', name).spec?.template ?? {});

describe.each(majors)('an environment variable of the user, with %s', (helm) => {
  const traced = { 'tracing.endpoint': 'http://collector:4318' };
  const own = { LOG_LEVEL: 'debug', OTEL_TRACES_SAMPLER_ARG: '0.5', CATALOG_CACHE_MS: '1000' };

  it('takes the place of the one of the shop, as the API server wants it', async () => {
    const shop = await render('shop', { helm, files: smallest, values: { ...traced, 'orders.env': own } });
    expect(environment(shop, 'orders')).toMatchObject(own);
    expect(environment(shop, 'clients')).toMatchObject({ LOG_LEVEL: 'info', OTEL_TRACES_SAMPLER_ARG: '1' });
    expect(await applied(shop)).toContain('deployment.apps/orders serverside-applied');
  });

  it('takes the place of the one of the lag controller, as the API server wants it', async () => {
    const values = { extraEnv: { LOG_LEVEL: 'debug', ROUND_MS: '2000', RECORD_FILE: '/tmp/record' } };
    const chart = await render('lag-controller', { helm, files: smallest, values });
    expect(environment(chart, 'r-lag-controller')).toMatchObject(values.extraEnv);
    expect(await applied(chart)).toContain('deployment.apps/r-lag-controller serverside-applied');
  });
});

describe('an environment variable of the user that the rest of a chart goes by', () => {
  const set = (path: string) => `set ${path} instead, as more than this variable goes by it`;
  const out = 'leave it out, as more than this variable goes by it';
  const mongodbSecret = { 'mongodb.secret': 'mongodb' };
  const mail = { 'notifications.channel': 'smtp', 'notifications.smtpFrom': 's@x', 'notifications.channelSecret': 'c' };
  const tls = { 'kafka.tls.enabled': true, 'kafka.tls.caSecret': 'ca' };
  const traced = { 'tracing.endpoint': 'http://collector:4318' };

  it.each([
    ['payments.env', 'PORT', out, {}],
    ['payments.env', 'SHUTDOWN_TIMEOUT_MS', set('shutdown.timeoutSeconds'), {}],
    ['payments.env', 'DRAIN_DELAY_MS', set('shutdown.drainSeconds'), {}],
    ['payments.env', 'PROVIDER_URL', set('provider.url'), {}],
    ['orders.env', 'KAFKA_BROKERS', set('kafka.bootstrapServers'), {}],
    ['orders.env', 'KAFKA_TLS', set('kafka.tls.enabled'), tls],
    ['orders.env', 'KAFKA_TLS_CA_FILE', set('kafka.tls.caSecret'), tls],
    ['clients.env', 'MONGODB_URI', set('mongodb.uri'), {}],
    ['clients.env', 'MONGODB_URI_FILE', set('mongodb.secret'), mongodbSecret],
    // The file goes before it.
    ['clients.env', 'MONGODB_URI', set('mongodb.secret'), mongodbSecret],
    ['clients.env', 'AUTH_ISSUER', set('auth.issuer'), {}],
    ['clients.env', 'AUTH_AUDIENCE', set('auth.audience'), {}],
    ['clients.env', 'AUTH_JWKS_URL', set('auth.jwksUrl'), {}],
    ['clients.env', 'AUTH_CA_FILE', set('auth.caSecret'), {}],
    ['clients.env', 'AUTH_JWKS_TOKEN_FILE', set('auth.tokensSecret'), {}],
    ['orders.env', 'AUTH_PAYMENTS_SUBJECTS', set('auth.paymentsSubjects'), {}],
    ['orders.env', 'CATALOG_TOKEN_FILE', set('auth.tokensSecret'), {}],
    ['products.env', 'OTEL_EXPORTER_OTLP_ENDPOINT', set('tracing.endpoint'), traced],
    ['notifications.env', 'NOTIFICATION_CHANNEL', set('notifications.channel'), mail],
    ['notifications.env', 'SMTP_URL', set('notifications.channelSecret'), mail],
  ])('of the shop is refused: %s.%s', async (path, name, sentence, others) => {
    const values = { 'notifications.enabled': true, ...others, [path]: { [name]: '/x' } };
    await expect(render('shop', { files: smallest, values })).rejects.toThrow(`${path}.${name}: ${sentence}`);
  });

  it.each([
    ['PORT', out, {}],
    ['TARGET', out, {}],
    ['NAMESPACE', set('--namespace'), {}],
    ['LEASE_NAME', out, {}],
    ['LIST_TARGETS', set('listTargets'), {}],
    ['SHUTDOWN_TIMEOUT_MS', set('shutdown.timeoutSeconds'), {}],
    [
      'KAFKA_SASL_MECHANISM',
      set('kafka.authentication'),
      { 'kafka.authentication': 'scram-sha-512', 'kafka.secret': 'user' },
    ],
    ['KAFKA_SASL_PASSWORD', set('kafka.secret'), { 'kafka.authentication': 'scram-sha-512', 'kafka.secret': 'user' }],
  ])('of the lag controller is refused: extraEnv.%s', async (name, sentence, others) => {
    const values = { ...others, extraEnv: { [name]: '/x' } };
    await expect(render('lag-controller', { files: smallest, values })).rejects.toThrow(
      `extraEnv.${name}: ${sentence}`,
    );
  });
});

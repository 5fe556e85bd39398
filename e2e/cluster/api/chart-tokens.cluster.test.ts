import { describe, expect, it, jest } from '@jest/globals';
import type { V1PodTemplateSpec, V1VolumeProjection } from '@kubernetes/client-node';
import { environmentOf, type Rendering, render, valueSets } from '../helm.ts';

jest.setTimeout(120_000);

const apis = ['orders', 'payments', 'clients', 'products'];
const callers = ['orders', 'payments', 'shop-test'];
const withTokens = valueSets('shop').filter((file) => file !== 'values-dev.yaml');

/** The files that a volume of the pod brings to where it is mounted. */
function mountedFiles({ spec }: V1PodTemplateSpec): string[] {
  const mounts = spec?.containers[0]?.volumeMounts ?? [];
  return mounts.flatMap(({ name, mountPath }) => {
    const volume = spec?.volumes?.find((one) => one.name === name);
    const sources: V1VolumeProjection[] =
      volume?.projected?.sources ?? (volume?.secret ? [{ secret: volume.secret }] : []);
    const paths = sources.flatMap(({ serviceAccountToken, configMap, secret }) => [
      ...(serviceAccountToken ? [serviceAccountToken.path] : []),
      ...[...(configMap?.items ?? []), ...(secret?.items ?? [])].map(({ path }) => path),
    ]);
    return paths.map((path) => `${mountPath}/${path}`);
  });
}

/** For whom the tokens of the cluster are that the pod gets; `API server` where none is said. */
function audiencesOf({ spec }: V1PodTemplateSpec): string[] {
  const sources = spec?.volumes?.flatMap(({ projected }) => projected?.sources ?? []) ?? [];
  return sources.flatMap(({ serviceAccountToken: token }) => (token ? [token.audience ?? 'API server'] : []));
}

const pod = (rendering: Rendering, name: string): V1PodTemplateSpec => {
  const found = [...rendering.pods()].find(([podName]) => podName === name || podName === `two-${name}`);
  if (!found) throw new Error(`there is no pod ${name}`);
  return found[1];
};

describe.each(withTokens)('tokens with %s', (file) => {
  it('are asked for by every API, and not by the simulated provider', async () => {
    const rendering = await render('shop', { files: [file] });
    for (const name of apis) {
      const { AUTH_ISSUER, AUTH_AUDIENCE } = environmentOf(pod(rendering, name));
      expect(AUTH_ISSUER).toMatch(/^$|^https:/);
      expect(AUTH_AUDIENCE).toMatch(/^(shop|orders-and-payments)$/);
    }
    for (const [name, { spec }] of rendering.pods())
      if (name.endsWith('provider')) expect(JSON.stringify(spec)).not.toContain('AUTH_');
  });

  it('are in files that are mounted, and so is what is needed to trust the issuer', async () => {
    const rendering = await render('shop', { files: [file] });
    for (const name of new Set([...apis, ...callers])) {
      const environment = environmentOf(pod(rendering, name));
      const named = Object.entries(environment).filter(([variable]) =>
        /^(AUTH_.*_FILE|(.*_)?TOKEN_FILE)$/.test(variable),
      );
      expect(named.length).toBeGreaterThan(0);
      expect(mountedFiles(pod(rendering, name))).toEqual(expect.arrayContaining(named.map(([, path]) => path)));
    }
  });

  it('come from a service account of its own for each service, which is not mounted unasked', async () => {
    const rendering = await render('shop', { files: [file] });
    const accounts = rendering.objects.filter(({ kind }) => kind === 'ServiceAccount');
    for (const [name, { spec }] of rendering.pods()) {
      expect(spec?.serviceAccountName).toBe(name);
      expect(accounts).toContainEqual(
        expect.objectContaining({ automountServiceAccountToken: false, metadata: expect.objectContaining({ name }) }),
      );
    }
  });
});

describe('tokens of the cluster itself', () => {
  const files = ['ci/smallest-values.yaml'];

  it('are made for the shop alone, and one for the API server only where keys are read there', async () => {
    const rendering = await render('shop', { files, values: { 'auth.audience': 'a' } });
    const audiences = ['orders', 'payments', 'clients', 'shop-test'].map((name) => audiencesOf(pod(rendering, name)));
    expect(audiences).toEqual([['API server', 'a'], ['API server', 'a'], ['API server'], ['a']]);
    expect(environmentOf(pod(rendering, 'orders'))).toMatchObject({
      AUTH_ISSUER: '',
      AUTH_AUDIENCE: 'a',
      AUTH_PAYMENTS_SUBJECTS: 'system:serviceaccount:n:payments',
      AUTH_JWKS_URL: 'https://kubernetes.default.svc/openid/v1/jwks',
    });
  });

  it('are the services’ own beside those of whoever else may call', async () => {
    const own = ['orders', 'payments', 'notifications', 'shop-test'].map((name) => `system:serviceaccount:n:${name}`);
    const some = await render('shop', { files, values: { 'auth.subjects': ['gateway', 'ci:*'] } });
    for (const name of apis)
      expect(environmentOf(pod(some, name)).AUTH_SUBJECTS).toBe(['gateway', 'ci:*', ...own].join());
    const everybody = await render('shop', { files });
    for (const name of apis) expect(environmentOf(pod(everybody, name))).not.toHaveProperty('AUTH_SUBJECTS');
  });

  it('are not shown, nor is the authority of the API server used, where the keys are elsewhere', async () => {
    const elsewhere = { 'auth.jwksUrl': 'https://oidc.example.com/keys', 'auth.issuer': 'https://oidc.example.com' };
    const rendering = await render('shop', { files, values: elsewhere });
    expect(audiencesOf(pod(rendering, 'orders'))).toEqual(['shop']);
    const { AUTH_ISSUER, AUTH_JWKS_URL, ...others } = environmentOf(pod(rendering, 'orders'));
    expect([AUTH_ISSUER, AUTH_JWKS_URL]).toEqual(['https://oidc.example.com', 'https://oidc.example.com/keys']);
    expect(Object.keys(others).filter((name) => /^AUTH_(CA|JWKS)/.test(name))).toEqual([]);
    const withCa = await render('shop', { files, values: { ...elsewhere, 'auth.caSecret': 'login-ca' } });
    expect(mountedFiles(pod(withCa, 'orders'))).toContain(environmentOf(pod(withCa, 'orders')).AUTH_CA_FILE);
    await expect(render('shop', { files, values: { ...elsewhere, 'auth.issuer': '' } })).rejects.toThrow(
      'auth.issuer: say who makes the tokens',
    );
  });

  it('name payments as it is called', async () => {
    const rendering = await render('shop', { files, values: { namePrefix: 'two-' } });
    expect(environmentOf(pod(rendering, 'orders')).AUTH_PAYMENTS_SUBJECTS).toBe('system:serviceaccount:n:two-payments');
  });

  it('let every API reach the API server through its network policy', async () => {
    const rendering = await render('shop', { files });
    for (const name of apis) {
      const ports = rendering.one('NetworkPolicy', name).spec.egress?.flatMap((way) => way.ports ?? []);
      expect(ports?.map(({ port }) => port)).toEqual(expect.arrayContaining([443, 6443]));
    }
  });
});

describe('tokens of another issuer', () => {
  const files = ['ci/external-issuer-values.yaml'];

  it('leave the pods without any token of the cluster', async () => {
    const rendering = await render('shop', { files });
    for (const template of rendering.pods().values()) expect(audiencesOf(template)).toEqual([]);
    expect(environmentOf(pod(rendering, 'orders'))).not.toHaveProperty('AUTH_JWKS_URL');
  });

  it('have to say who payments is', async () => {
    const values = { 'auth.paymentsSubjects': [] };
    await expect(render('shop', { files, values })).rejects.toThrow('auth.paymentsSubjects: say who payments is');
  });

  it('may be called by those that are named, of whom payments is one', async () => {
    const rendering = await render('shop', { files, values: { 'auth.subjects': ['gateway'] } });
    const { AUTH_SUBJECTS, AUTH_PAYMENTS_SUBJECTS } = environmentOf(pod(rendering, 'orders'));
    expect(AUTH_SUBJECTS).toBe(`gateway,${AUTH_PAYMENTS_SUBJECTS}`);
  });
});

describe('tokens that are switched off', () => {
  it('are nowhere', async () => {
    const rendering = await render('shop', {
      files: ['ci/external-issuer-values.yaml'],
      values: { 'auth.enabled': false },
    });
    expect(rendering.text).not.toMatch(/AUTH_|name: \w*TOKEN_FILE|shop-tokens|login-ca/);
  });
});

import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it, jest } from '@jest/globals';
import { base64url, type JWTPayload, SignJWT } from 'jose';
import { findJava } from '../../../../scripts/embedded/java.ts';
import { makeCertificate } from '../../../../scripts/embedded/kafka/certificate.ts';
import { type Answer, call } from '../../../../scripts/testing/call.ts';
import { until } from '../../../../scripts/testing/until.ts';
import { type Environment, readSettings } from '../env.ts';
import { startThings, type Things } from '../http/things.fixture.ts';
import { createLog } from '../log.ts';
import { authSettings } from './auth-settings.ts';
import { verifierFrom } from './callers.ts';
import { Issuer } from './issuer.fixture.ts';

const log = createLog('test', { logLevel: 'silent' });

jest.setTimeout(30_000);

describe('a service whose callers must show a token', () => {
  let folder: string;
  let issuer: Issuer;
  let others: Issuer[];
  let things: Things | undefined;

  async function start(environment: Environment = {}): Promise<Things> {
    const settings = { AUTH_ISSUER: issuer.url, AUTH_AUDIENCE: 'shop', ...environment };
    const verifyToken = verifierFrom(readSettings(authSettings, settings), log);
    things = await startThings({ ...(verifyToken && { verifyToken }) });
    return things;
  }

  const send = (authorization: string | undefined, path = '/v1/things/1'): Promise<Answer> =>
    call(`${things?.url}${path}`, { headers: { ...(authorization !== undefined && { authorization }) } });

  async function expectRefused(token: string, detail: string): Promise<void> {
    const { status, body, headers } = await send(`Bearer ${token}`);
    expect([status, body.code, body.detail]).toEqual([401, 'invalid-token', detail]);
    expect(headers.get('www-authenticate')).toBe(`Bearer error="invalid_token", error_description="${detail}"`);
  }

  /** @returns what moves the clock to so long after the real time */
  function movableClock(): (ms: number) => void {
    const realNow = Date.now;
    let laterMs = 0;
    jest.spyOn(Date, 'now').mockImplementation(() => realNow() + laterMs);
    return (ms) => {
      laterMs = ms;
    };
  }

  beforeEach(async () => {
    folder = await mkdtemp(join(tmpdir(), 'issuer-'));
    issuer = await Issuer.start();
    others = [];
  });
  afterEach(async () => {
    jest.restoreAllMocks();
    await things?.close();
    for (const each of [issuer, ...others]) await each.stop();
    await rm(folder, { recursive: true });
  });

  it('lets in whoever has one, finds the keys by discovery, and logs who it was', async () => {
    const { line } = await start();
    expect((await send(`Bearer ${await issuer.token('alice')}`)).status).toBe(200);
    expect((await send(`bearer   ${await issuer.token('bob')}`)).status).toBe(200);
    expect(issuer.asked).toBe(1);
    expect(await line({ msg: 'request', caller: 'alice' })).toMatchObject({ status: 200 });
  });

  it.each([
    ['none', undefined, 'missing-token', 'Bearer'],
    ['a name and a password', `Basic ${btoa('a:b')}`, 'invalid-token', /^Bearer error="invalid_token"/],
    ['two words', 'Bearer a b', 'invalid-token', /^Bearer error="invalid_token"/],
  ])('refuses %s with a challenge', async (_title, authorization, code, challenge) => {
    await start();
    const { status, body, headers } = await send(authorization);
    expect([status, body.code]).toEqual([401, code]);
    expect(headers.get('content-type')).toMatch(/^application\/problem\+json/);
    expect(headers.get('www-authenticate')).toMatch(challenge);
  });

  it('refuses before it reads the body or looks for faults in it', async () => {
    await start();
    expect((await call(`${things?.url}/v1/things`, { body: '{"name":' })).status).toBe(401);
  });

  it('leaves probes, metrics and its description open', async () => {
    await start();
    for (const path of ['/health', '/livez', '/readyz', '/metrics', '/openapi.json', '/docs'])
      expect([path, (await send(undefined, path)).status]).toEqual([path, 200]);
    const { components, security, paths } = (await send(undefined, '/openapi.json')).body as never as {
      components: { securitySchemes: object };
      security: object;
      paths: Record<string, Record<string, { responses: object }>>;
    };
    expect(components.securitySchemes).toEqual({ token: { type: 'http', scheme: 'bearer', bearerFormat: 'JWT' } });
    expect(security).toEqual([{ token: [] }]);
    expect(paths['/v1/things']?.post?.responses).toHaveProperty('401');
  });

  it('refuses a token that has expired, but for the difference of clocks', async () => {
    await start();
    expect((await send(`Bearer ${await issuer.token('alice', { expiresInSeconds: -20 })}`)).status).toBe(200);
    await expectRefused(await issuer.token('alice', { expiresInSeconds: -40 }), 'The token has expired.');
  });

  it('refuses one that is not valid yet, or says never when it ends', async () => {
    await start();
    const later = Math.floor(Date.now() / 1_000) + 60;
    await expectRefused(await issuer.token('alice', { claims: { nbf: later } }), 'The token is not valid yet.');
    const claims = { exp: undefined } as unknown as JWTPayload;
    await expectRefused(await issuer.token('alice', { claims }), 'The token lacks the claim exp.');
    await expectRefused(await issuer.token(''), 'The token names no subject.');
  });

  it('refuses one for somebody else, or of another issuer', async () => {
    await start();
    await expectRefused(await issuer.token('alice', { audience: 'bank' }), 'The token is for another audience.');
    await expectRefused(await issuer.token('alice', { issuer: 'https://evil' }), 'The token is of another issuer.');
    const other = await Issuer.start();
    others.push(other);
    const forged = await other.token('alice', { issuer: issuer.url });
    await expectRefused(forged, 'The issuer has no key that fits the token.');
  });

  it('refuses one that was changed after it was signed', async () => {
    await start();
    const [header, payload = '', signature] = (await issuer.token('alice')).split('.');
    const claims = JSON.parse(Buffer.from(payload, 'base64url').toString());
    const changed = base64url.encode(JSON.stringify({ ...claims, sub: 'payments' }));
    await expectRefused(`${header}.${changed}.${signature}`, 'The signature of the token is wrong.');
  });

  it('takes no signature that anybody could make: none at all, or with the public key as the secret', async () => {
    await start();
    const claims = { sub: 'payments', iss: issuer.url, aud: 'shop', exp: Math.floor(Date.now() / 1_000) + 60 };
    const part = (value: object) => base64url.encode(JSON.stringify(value));
    const { kid = '' } = issuer.publicKey;
    for (const alg of ['none', 'NONE'])
      await expectRefused(`${part({ alg, kid })}.${part(claims)}.x`, 'The algorithm of the signature is not allowed.');
    const secret = new TextEncoder().encode(JSON.stringify(issuer.publicKey));
    const confused = await new SignJWT(claims).setProtectedHeader({ alg: 'HS256', kid }).sign(secret);
    await expectRefused(confused, 'The algorithm of the signature is not allowed.');
    for (const made of ['x', 'x.y', `${part({ alg: 'RS256' })}..`]) {
      const { status, body } = await send(`Bearer ${made}`);
      expect([status, body.code]).toEqual([401, 'invalid-token']);
    }
  });

  it('answers 503, and not that the token is wrong, while the issuer was never there, and serves once it is', async () => {
    const token = await issuer.token('alice');
    await issuer.stop();
    await start();
    const { status, body, headers } = await send(`Bearer ${token}`);
    expect([status, body.code, headers.get('retry-after')]).toEqual([503, 'issuer-unavailable', '5']);
    expect((await send(undefined, '/readyz')).status).toBe(200);
    await issuer.restart();
    await until('it serves', async () => (await send(`Bearer ${token}`)).status === 200);
  });

  it('goes on with the keys it has while the issuer is away, also when it would ask for newer ones', async () => {
    const laterBy = movableClock();
    await start();
    const token = await issuer.token('alice', { expiresInSeconds: 3_600 });
    await send(`Bearer ${token}`);
    await issuer.stop();
    laterBy(11 * 60_000);
    expect((await send(`Bearer ${token}`)).status).toBe(200);
  });

  it('asks an issuer that signs with TLS of its own and wants a token, as Kubernetes does, and reads the files anew', async () => {
    await issuer.stop();
    const keytool = join((await findJava()).home, 'bin', 'keytool');
    const { keystore, caFile } = await makeCertificate(join(folder, 'tls'), keytool);
    const tls = { pfx: await readFile(keystore.file), passphrase: keystore.password };
    issuer = await Issuer.start({ tls, token: 'first' });
    const tokenFile = join(folder, 'token');
    await writeFile(tokenFile, 'other\n');
    const files = { AUTH_CA_FILE: caFile, AUTH_JWKS_TOKEN_FILE: tokenFile };
    await start(files);
    const token = await issuer.token('system:serviceaccount:shop:payments');
    expect((await send(`Bearer ${token}`)).status).toBe(503);
    await writeFile(tokenFile, 'first\n');
    await until('the new file is read', async () => (await send(`Bearer ${token}`)).status === 200);
  });

  it('trusts whoever made the token that it shows for the keys, and whoever made the one before', async () => {
    const laterBy = movableClock();
    const tokenFile = join(folder, 'token');
    const environment = { AUTH_ISSUER: '', AUTH_JWKS_URL: `${issuer.url}/keys`, AUTH_JWKS_TOKEN_FILE: tokenFile };
    await start(environment);
    const statuses = async () => {
      const tokens = ['https://old', 'https://new', 'https://evil'].map((name) => issuer.token('a', { issuer: name }));
      return Promise.all(tokens.map(async (token) => (await send(`Bearer ${await token}`)).status));
    };
    expect(await statuses()).toEqual([503, 503, 503]);
    await writeFile(tokenFile, await issuer.token('pod', { issuer: 'https://old' }));
    expect(await statuses()).toEqual([200, 401, 401]);
    await writeFile(tokenFile, await issuer.token('pod', { issuer: 'https://new' }));
    laterBy(10_000);
    expect(await statuses()).toEqual([200, 200, 401]);
  });

  it('lets in only the subjects that it was told, and says that the token itself is good', async () => {
    await start({ AUTH_SUBJECTS: 'alice, gateway:*' });
    for (const subject of ['alice', 'gateway:eu'])
      expect((await send(`Bearer ${await issuer.token(subject)}`)).status).toBe(200);
    for (const subject of ['alice2', 'gateway', 'a gateway:eu']) {
      const { status, body, headers } = await send(`Bearer ${await issuer.token(subject)}`);
      expect([status, body.code]).toEqual([403, 'caller-not-allowed']);
      expect(headers.get('www-authenticate')).toBe('Bearer error="insufficient_scope"');
    }
  });

  it('takes an issuer without any key for one that is not ready', async () => {
    const token = await issuer.token('alice');
    issuer.forget();
    await start();
    expect((await send(`Bearer ${token}`)).status).toBe(503);
  });

  it('sends its own token to the address that it was told, not to where a discovery document points', async () => {
    const stranger = await Issuer.start({ token: 'never sent' });
    others.push(stranger);
    const tokenFile = join(folder, 'token');
    await writeFile(tokenFile, 'never sent');
    issuer.keysAt = `${stranger.url}/keys`;
    await start({ AUTH_JWKS_TOKEN_FILE: tokenFile });
    expect((await send(`Bearer ${await issuer.token('alice')}`)).status).toBe(503);
    expect(stranger.asked).toBe(1);
  });
});

describe('a service that was told no issuer', () => {
  it('says aloud that anybody may call it', () => {
    const lines: string[] = [];
    const loud = createLog('test', { logLevel: 'warn' }, { write: (line) => lines.push(line) });
    expect(verifierFrom(readSettings(authSettings, {}), loud)).toBeUndefined();
    expect(lines.join()).toContain('anybody who reaches this API may use it: AUTH_ISSUER is not set');
  });
});

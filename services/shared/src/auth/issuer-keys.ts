import { readFile } from 'node:fs/promises';
import { request as requestPlain } from 'node:http';
import { request as requestTls } from 'node:https';
import { json } from 'node:stream/consumers';
import type { JSONWebKeySet } from 'jose';
import { z } from 'zod';
import type { Trust } from './auth-settings.ts';

const timeoutMs = 3_000;
const maxBytes = 1_000_000;
/** Kubernetes answers 406 where only plain JSON is asked of its keys. */
const accept = 'application/jwk-set+json, application/json';

const discovery = z.object({ issuer: z.string(), jwks_uri: z.url({ protocol: /^https?$/ }) });
/** An issuer without a key is one that is not ready: with its answer every token would be wrong. */
const keySet = z.object({ keys: z.array(z.looseObject({ kty: z.string() })).min(1) });

interface Access {
  readonly ca: string | undefined;
  readonly token: string | undefined;
}

/** By Node's own request, because its `fetch` cannot be told an authority. Redirects are not followed. */
async function getJson(url: string, { ca, token }: Access): Promise<unknown> {
  const request = url.startsWith('https:') ? requestTls : requestPlain;
  const { promise, resolve, reject } = Promise.withResolvers<unknown>();
  const signal = AbortSignal.timeout(timeoutMs);
  const headers = { accept, ...(token && { authorization: `Bearer ${token}` }) };
  request(url, { headers, signal, ...(ca && { ca }) }, (response) => {
    if (response.statusCode !== 200) {
      response.destroy();
      reject(new Error(`answered ${response.statusCode}`));
      return;
    }
    let bytes = 0;
    response.on('data', (chunk: Buffer) => {
      bytes += chunk.length;
      if (bytes > maxBytes) response.destroy(new Error('the answer is too large'));
    });
    json(response).then(resolve, reject);
  })
    .on('error', reject)
    .end();
  return promise.catch((error) => {
    throw new Error(`GET ${url}`, { cause: error });
  });
}

async function jwksUrlOf({ issuers: [issuer = ''], jwksUrl }: Trust, access: Access): Promise<string> {
  if (jwksUrl !== undefined) return jwksUrl;
  const url = `${issuer.replace(/\/$/, '')}/.well-known/openid-configuration`;
  const found = discovery.parse(await getJson(url, access));
  if (found.issuer !== issuer) throw new Error(`${url} is of another issuer: ${found.issuer}`);
  return found.jwks_uri;
}

/**
 * Reads the keys of the issuer, of several the first's, by its discovery document where no address is given. The files are read
 * each time, because a mounted token or authority changes while the service runs. The token goes to the address that was
 * configured and its origin only, wherever the discovery document points.
 */
export function issuerKeys(trust: Trust): () => Promise<JSONWebKeySet> {
  const text = async (path: string | undefined) => path && (await readFile(path, 'utf8')).trim();
  return async () => {
    const access = { ca: await text(trust.caFile), token: await text(trust.tokenFile) };
    const url = await jwksUrlOf(trust, access);
    const isOwn = new URL(url).origin === new URL(trust.jwksUrl ?? trust.issuers[0] ?? url).origin;
    return keySet.parse(await getJson(url, isOwn ? access : { ...access, token: undefined }));
  };
}

/** A real OIDC issuer on a free port, for tests of what believes its tokens. */
import { once } from 'node:events';
import { createServer, type RequestListener, type Server } from 'node:http';
import { createServer as createTlsServer, type ServerOptions } from 'node:https';
import type { AddressInfo } from 'node:net';
import { type CryptoKey, exportJWK, generateKeyPair, type JWK, type JWTPayload, SignJWT } from 'jose';

interface IssuerOptions {
  /** Its certificate: the issuer then speaks TLS. */
  readonly tls?: Pick<ServerOptions, 'pfx' | 'passphrase'>;
  /** Wanted by who asks for the keys, as Kubernetes wants one. */
  readonly token?: string;
}

interface TokenOptions {
  readonly audience?: string;
  readonly issuer?: string;
  readonly expiresInSeconds?: number;
  readonly claims?: JWTPayload;
}

const nowSeconds = () => Math.floor(Date.now() / 1_000);

export class Issuer {
  /** How often the keys were asked for. */
  asked = 0;
  /** Where the discovery document says that the keys are, if not here. */
  keysAt: string | undefined;
  readonly #server: Server;
  readonly #token: string | undefined;
  #signing: { key: CryptoKey; kid: string } | undefined;
  #keys: JWK[] = [];
  #url = '';

  private constructor({ tls, token }: IssuerOptions) {
    this.#token = token;
    const answer: RequestListener = (request, response) => {
      const found = this.#answer(request.url ?? '', request.headers.authorization);
      // As the API server of Kubernetes, which has its keys only as what they are.
      const isAsked = found && (!('keys' in found) || request.headers.accept?.includes('application/jwk-set+json'));
      response
        .writeHead(isAsked ? 200 : found ? 406 : 401, { 'content-type': 'application/json' })
        .end(JSON.stringify(found ?? {}));
    };
    this.#server = tls ? createTlsServer(tls, answer) : createServer(answer);
  }

  static async start(options: IssuerOptions = {}): Promise<Issuer> {
    const issuer = new Issuer(options);
    await issuer.#listen(0, options.tls ? 'https' : 'http');
    await issuer.rotate();
    return issuer;
  }

  get url(): string {
    return this.#url;
  }

  async #listen(port: number, scheme = new URL(this.#url).protocol.slice(0, -1)): Promise<void> {
    await once(this.#server.listen(port, '127.0.0.1'), 'listening');
    this.#url = `${scheme}://127.0.0.1:${(this.#server.address() as AddressInfo).port}`;
  }

  #answer(path: string, authorization: string | undefined): object | undefined {
    if (path === '/.well-known/openid-configuration')
      return { issuer: this.#url, jwks_uri: this.keysAt ?? `${this.#url}/keys` };
    this.asked += 1;
    if (this.#token !== undefined && authorization !== `Bearer ${this.#token}`) return undefined;
    return { keys: this.#keys };
  }

  /** Signs with a new key from now on, and forgets the one before. */
  async rotate(): Promise<void> {
    const { publicKey, privateKey } = await generateKeyPair('RS256');
    const kid = `key-${Math.random()}`;
    this.#signing = { key: privateKey, kid };
    this.#keys = [{ ...(await exportJWK(publicKey)), kid, alg: 'RS256', use: 'sig' }];
  }

  /** As it may be in its first moments. */
  forget(): void {
    this.#keys = [];
  }

  async token(subject: string, options: TokenOptions = {}): Promise<string> {
    const { audience = 'shop', issuer = this.#url, expiresInSeconds = 600, claims = {} } = options;
    const { key, kid } = this.#signing as { key: CryptoKey; kid: string };
    return new SignJWT({ sub: subject, iss: issuer, aud: audience, exp: nowSeconds() + expiresInSeconds, ...claims })
      .setProtectedHeader({ alg: 'RS256', kid })
      .setIssuedAt()
      .sign(key);
  }

  /** The first of its public keys, as everybody can read it. */
  get publicKey(): JWK {
    return this.#keys[0] as JWK;
  }

  async stop(): Promise<void> {
    if (!this.#server.listening) return;
    const closed = once(this.#server, 'close');
    this.#server.close();
    this.#server.closeAllConnections();
    await closed;
  }

  /** At the same address again. */
  async restart(): Promise<void> {
    await this.#listen(Number(new URL(this.#url).port));
  }
}

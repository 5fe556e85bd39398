import { isDeepStrictEqual } from 'node:util';
import {
  createConfiguration,
  type DispatcherOptions,
  type HttpLibrary,
  KubeConfig,
  type RequestContext,
  wrapHttpLibrary,
} from '@kubernetes/client-node';
import { Agent, type buildConnector } from 'undici';

/**
 * Longer than from one round to the next; shorter than an API server (90 s) or a balancer before it (mostly 60 s) leaves an
 * idle connection open, for a call on one that the other side is just closing fails, and nothing here makes it again.
 */
const idleMs = 20_000;
/** So many calls at once that a thousand take less than the deadline of each; more wait for one of these. */
const mostConnections = 32;

interface Kept {
  readonly options: DispatcherOptions;
  readonly agent: Agent;
}

/**
 * A kubeconfig whose calls share connections: of itself it has a TLS handshake for each. Another CA or client certificate is
 * taken with the next call. The connections before end when they were idle for long enough: to close them would fail calls
 * that have been given them and have not begun. Through a proxy it is as it was, a connection for each call.
 */
export class KeepingConfig extends KubeConfig {
  #kept: Kept | undefined;

  /** Called in the midst of `applySecurityAuthentication` with what the files say now; of `none` no dispatcher is made. */
  override createDispatcherOptions(...args: Parameters<KubeConfig['createDispatcherOptions']>): DispatcherOptions {
    const options = super.createDispatcherOptions(...args);
    if (options.type === 'proxy' || options.type === 'socks') return options;
    if (!isDeepStrictEqual(this.#kept?.options, options)) this.#kept = { options, agent: agentOf(options) };
    return { type: 'none' };
  }

  override async applySecurityAuthentication(context: RequestContext): Promise<void> {
    await super.applySecurityAuthentication(context);
    if (this.#kept) context.setDispatcher(this.#kept.agent);
  }

  /**
   * To be called with: after a call that had no answer the next one opens a connection. Those that are kept may all lead to a
   * server that is gone, and each would cost a call its deadline, and two in turn the lease.
   */
  readonly http: HttpLibrary = wrapHttpLibrary({
    send: async (request) => {
      try {
        return await plainHttp.send(request).toPromise();
      } catch (error) {
        const kept = this.#kept;
        if (kept && kept.agent === request.getDispatcher()) this.#kept = { ...kept, agent: agentOf(kept.options) };
        throw error;
      }
    },
  });
}

const plainHttp = createConfiguration().httpApi;

function agentOf(options: DispatcherOptions): Agent {
  return new Agent({
    ...(options.type === 'agent' && { connect: options.connect as buildConnector.BuildOptions }),
    connections: mostConnections,
    keepAliveTimeout: idleMs,
    // A call that is given up takes its connection with it; an HTTP/2 session to a server that is gone would be used again.
    allowH2: false,
  });
}

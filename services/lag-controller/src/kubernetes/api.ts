import {
  ApiException,
  AppsV1Api,
  AutoscalingV2Api,
  CoordinationV1Api,
  CustomObjectsApi,
  createConfiguration,
  EventsV1Api,
  PatchStrategy,
  ServerConfiguration,
  setHeaderOptions,
} from '@kubernetes/client-node';
import { DomainError, type ErrorKind, reasonOf, StartError } from '@shop/shared/errors';
import { KeepingConfig } from './connections.ts';

/** Longer than any answer of a server that is well, and short enough for a round to end before the next. */
const callTimeoutMs = 3_000;

export interface Api {
  /** The namespace of the pod, or of the kubeconfig's context. */
  readonly namespace: string;
  readonly apps: AppsV1Api;
  readonly autoscaling: AutoscalingV2Api;
  readonly coordination: CoordinationV1Api;
  readonly custom: CustomObjectsApi;
  readonly events: EventsV1Api;
}

/** For calls that patch: without it the generated code announces a JSON patch. An array in a merge patch is replaced as a whole. */
export const mergePatch = setHeaderOptions('Content-Type', PatchStrategy.MergePatch);
/** For one that holds only under a condition. */
export const jsonPatch = setHeaderOptions('Content-Type', PatchStrategy.JsonPatch);

/**
 * KUBECONFIG or ~/.kube/config where there is one, the pod's service account otherwise. Every call has a deadline, which the
 * generated ones lack: an API server that takes a connection and is silent would hold a round for minutes.
 *
 * @throws StartError where neither is there
 */
export function connectApi(): Api {
  const { config, options } = configured();
  return {
    namespace: config.getContextObject(config.getCurrentContext())?.namespace ?? 'default',
    apps: new AppsV1Api(options),
    autoscaling: new AutoscalingV2Api(options),
    // Connections of its own: a renewal that waits behind the calls for a thousand LagScalers comes too late.
    coordination: new CoordinationV1Api(configured().options),
    custom: new CustomObjectsApi(options),
    events: new EventsV1Api(options),
  };
}

function configured() {
  const config = new KeepingConfig();
  try {
    config.loadFromDefault();
  } catch (error) {
    throw new StartError(`The kubeconfig cannot be used: ${reasonOf(error)}`);
  }
  const cluster = config.getCurrentCluster();
  if (!cluster)
    throw new StartError('No cluster is configured: set KUBECONFIG, or run in a pod with a service account.');
  const options = createConfiguration({
    baseServer: new ServerConfiguration(cluster.server, {}),
    authMethods: { default: config },
    httpApi: config.http,
    promiseMiddleware: [
      {
        async pre(request) {
          request.setSignal(AbortSignal.timeout(callTimeoutMs));
          return request;
        },
        post: async (response) => response,
      },
    ],
  });
  return { config, options };
}

const kinds: Readonly<Record<number, ErrorKind>> = {
  400: 'invalid',
  404: 'not-found',
  409: 'stale',
  422: 'unprocessable',
  429: 'throttled',
};

/**
 * The answer of a call to the API server.
 *
 * @param what for the sentence, for example `deployment payments`
 * @throws DomainError of the answer's kind; `unavailable` where there was none in time, or it was a 401, 403 or 5xx
 */
export async function answerOf<T>(what: string, call: Promise<T>): Promise<T> {
  try {
    return await call;
  } catch (error) {
    if (error instanceof ApiException)
      throw new DomainError(kinds[error.code] ?? 'unavailable', {
        code: `http-${error.code}`,
        detail: `${what}: ${messageOf(error.body) ?? `the API server answered ${error.code}`}`,
      });
    throw new DomainError('unavailable', {
      code: 'no-answer',
      detail: `${what}: the API server did not answer: ${reasonOf(error)}`,
    });
  }
}

/** The sentence of a `Status` object; a proxy's answer has none. */
function messageOf(body: unknown): string | undefined {
  try {
    const status: unknown = typeof body === 'string' ? JSON.parse(body) : body;
    const { message } = status as { message?: unknown };
    return typeof message === 'string' ? message : undefined;
  } catch {
    return undefined;
  }
}

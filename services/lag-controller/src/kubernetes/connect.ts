import { StartError } from '@shop/shared/errors';
import type { Check } from '@shop/shared/http/health';
import type { Logger } from '@shop/shared/log';
import type { RoundListener, Scaler } from '../scaler.ts';

export interface KubernetesOptions {
  /** Whose LagScalers are served; absent: the namespace of the pod or of the kubeconfig's context. */
  readonly namespace?: string;
  /** Of this process, for the Lease: unique among replicas and restarts. */
  readonly identity: string;
  readonly log: Logger;
  /** The Lease was lost: nothing is written from now on. It is sought again by itself. */
  readonly onLost: () => void;
}

export interface KubernetesScalers {
  /** The LagScalers as they are now, or as they were when they could be read last. Never rejects. */
  scalers(): Promise<readonly Scaler[]>;
  /** Writes status and Events, when this process may write. */
  readonly listen: RoundListener;
  /** True while the Lease is held, by the monotonic clock: to be asked right before each write. */
  mayWrite(): boolean;
  /** Throws a sentence when the LagScalers could not be read for a minute. */
  readonly healthy: Check;
  /** Gives the Lease back and ends every connection. */
  close(): Promise<void>;
}

/** @throws StartError always: LagScalers are not read yet */
export async function connectKubernetes(_options: KubernetesOptions): Promise<KubernetesScalers> {
  throw new StartError('TARGET=kubernetes is not there yet: set TARGET=processes.');
}

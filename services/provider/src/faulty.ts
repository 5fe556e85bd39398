import { once } from 'node:events';
import { setTimeout as sleep } from 'node:timers/promises';
import type { CheckedRequest, Endpoint, Reply } from '@shop/shared/http/endpoint';
import { HttpError, NoAnswer } from '@shop/shared/http/problem';
import type { Fault, Operation, Simulation } from './simulation.ts';

interface Options {
  readonly simulation: Simulation;
  readonly onFault: (kind: Fault['kind']) => void;
  /** Cuts delays short, so that the provider can stop. */
  readonly stopping: AbortSignal;
}

async function hangUp(signal: AbortSignal): Promise<void> {
  if (!signal.aborted) await once(signal, 'abort');
}

/** Once it waits, the request is taken: it is done even if the caller gives up meanwhile, as with a real provider. */
async function delay(ms: number, stopping: AbortSignal): Promise<void> {
  if (ms > 0) await sleep(ms, undefined, { signal: stopping }).catch(() => undefined);
}

async function misbehave(fault: Fault, request: CheckedRequest<never>, proceed: () => Promise<Reply>): Promise<Reply> {
  const retry = { 'retry-after': String(fault.retryAfterSeconds) };
  switch (fault.kind) {
    case 'timeout':
      await hangUp(request.signal);
      throw new NoAnswer();
    case 'lost-answer':
      await proceed();
      throw new NoAnswer();
    case 'error-500':
      throw new HttpError(500, 'internal-error', 'The provider failed.');
    case 'error-503':
      throw new HttpError(503, 'provider-unavailable', 'The provider is not available now.', retry);
    case 'throttle-429':
      throw new HttpError(429, 'too-many-requests', 'Slow down.', retry);
    case 'slow':
      return proceed();
  }
}

/** The same endpoint, as the simulation lets it work. */
export function faulty(operation: Operation, definition: Endpoint, options: Options): Endpoint {
  const { simulation, onFault, stopping } = options;
  return {
    ...definition,
    async handle(request) {
      const { delayMs, fault } = simulation.draw(operation);
      if (fault) onFault(fault.kind);
      await delay(delayMs, stopping);
      const proceed = () => definition.handle(request);
      return fault ? misbehave(fault, request as CheckedRequest<never>, proceed) : proceed();
    },
  };
}

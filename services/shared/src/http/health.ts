import express, { type Router } from 'express';
import type { Registry } from '../metrics.ts';
import { sharedAnswer } from '../shared-answer.ts';

/** Resolves when the thing checked is well, throws a sentence when it is not. Must end soon by itself. */
export type Check = () => Promise<void>;
export type Checks = Readonly<Record<string, Check>>;

export interface Health {
  readonly service: string;
  /** What `/health` tells of each dependency, as it was within the last second. */
  readonly connections: Checks;
  /** Without these no request can be served. Kafka is not among them where an outbox stands before it. */
  readonly ready: Checks;
  /** Only what a restart would mend; never the reachability of a dependency, or an outage restarts everything. */
  readonly live: Checks;
}

/** Well for good once `check` was: for what a new process must have shown it can do, before an older one is replaced by it. */
export function onceWell(check: Check): Check {
  let wasWell = false;
  return async () => {
    if (!wasWell) await check();
    wasWell = true;
  };
}

/** Anybody may ask for these, before every limit: a flood of it must not be one at the dependencies. What is live is known here. */
export function askedOnceASecond({ connections, ready, ...health }: Health): Health {
  const shared = new Map<Check, Check>();
  const share = (check: Check): Check => {
    const known = shared.get(check) ?? sharedAnswer(check);
    shared.set(check, known);
    return known;
  };
  const shareAll = (checks: Checks) =>
    Object.fromEntries(Object.entries(checks).map(([name, check]) => [name, share(check)]));
  return { ...health, connections: shareAll(connections), ready: shareAll(ready) };
}

/** What is not well, by its name, with the sentence why. */
export async function failures(checks: Checks): Promise<Record<string, string>> {
  const results = await Promise.all(
    Object.entries(checks).map(([name, check]) =>
      check().then(
        () => undefined,
        (error: Error) => [name, error.message] as const,
      ),
    ),
  );
  return Object.fromEntries(results.filter((result) => result !== undefined));
}

/** `/health` (a picture for people), `/livez` and `/readyz` (for probes), `/metrics`. */
export function healthRouter(health: Health, registry: Registry, draining: AbortSignal): Router {
  const router = express.Router();

  router.get('/health', async (_request, response) => {
    const down = await failures(health.connections);
    const states = Object.keys(health.connections).map((name) => [name, name in down ? 'disconnected' : 'connected']);
    response.json({ service: health.service, ...Object.fromEntries(states) });
  });

  const probe = (path: string, checks: Checks) =>
    router.get(path, async (_request, response) => {
      const failed = await failures(checks);
      const well = Object.keys(failed).length === 0;
      response.status(well ? 200 : 503).json({ status: well ? 'ok' : 'failing', failed });
    });

  probe('/livez', health.live);
  probe('/readyz', {
    ...health.ready,
    shutdown: async () => {
      if (draining.aborted) throw new Error('the service is stopping');
    },
  });

  router.get('/metrics', async (_request, response) => {
    response.type(registry.contentType).send(await registry.metrics());
  });
  return router;
}

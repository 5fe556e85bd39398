/** The lag controller's HTTP server as it is, with rounds that a test makes. */
import { readSettings } from '@shop/shared/env';
import { httpSettings, serve } from '@shop/shared/http/app';
import { createLog } from '@shop/shared/log';
import { createRegistry } from '@shop/shared/metrics';
import { pageRouter } from '../../services/lag-controller/src/page/router.ts';
import { eventStream } from '../../services/lag-controller/src/reporting/events.ts';
import { scalerEndpoints } from '../../services/lag-controller/src/reporting/routes.ts';
import { newTimelines } from '../../services/lag-controller/src/reporting/timeline.ts';
import type { Round, Scaler } from '../../services/lag-controller/src/scaler.ts';

export interface PageServer {
  readonly port: number;
  /** Keeps the rounds without telling of them. */
  readonly keep: (scaler: Scaler, rounds: readonly Round[]) => void;
  /** As the controller does after each round. */
  readonly tell: (scaler: Scaler, round: Round) => void;
  readonly close: () => Promise<void>;
}

export async function servePage(port = 0): Promise<PageServer> {
  const timelines = newTimelines();
  const events = eventStream();
  const { port: bound, close } = await serve(
    {
      info: { title: 'Test', version: '1', description: 'The page.' },
      endpoints: scalerEndpoints(timelines),
      routers: [pageRouter, events.router],
      health: { service: 'test', connections: {}, ready: {}, live: {} },
      registry: createRegistry('test'),
      log: createLog('test', { logLevel: 'silent' }),
      translate: () => undefined,
    },
    readSettings(httpSettings(String(port)), { HOST: '127.0.0.1' }),
  );
  return {
    port: bound,
    keep: (scaler, rounds) => {
      for (const round of rounds) timelines.add(scaler, round);
    },
    tell: (scaler, round) => {
      timelines.add(scaler, round);
      events.listen(scaler, round);
    },
    close,
  };
}

import { randomBytes } from 'node:crypto';
import { serve } from '@shop/shared/http/app';
import { runService } from '@shop/shared/lifecycle';
import { createRegistry } from '@shop/shared/metrics';
import { declineReason } from './charge.ts';
import { behaviourOf, settings } from './config.ts';
import { openLedger } from './ledger.ts';
import { providerMetrics } from './provider-metrics.ts';
import { providerEndpoints } from './routes.ts';
import { Simulation } from './simulation.ts';
import { ChargeStore } from './store.ts';

const name = 'provider-service';

runService(
  {
    name,
    settings,
    async start(values, { log, closer, fail, tracer }) {
      const ledger = await openLedger(values.ledgerFile, log, fail);
      closer.add('ledger', ledger.close);
      log.info({ file: values.ledgerFile, entries: ledger.entries.length }, 'ledger opened');

      const simulation = new Simulation(behaviourOf(values));
      const store = new ChargeStore({
        ledger,
        now: () => new Date(),
        newId: (prefix) => `${prefix}_${randomBytes(12).toString('hex')}`,
        decline: (request) => declineReason(request, simulation.behaviour),
        honoursKeys: () => !simulation.behaviour.forgetKeys,
      });

      const registry = createRegistry(name);
      const stopping = new AbortController();
      const endpoints = providerEndpoints({
        store,
        simulation,
        ...providerMetrics(registry),
        stopping: stopping.signal,
      });
      const checks = { ledger: ledger.check };
      const http = await serve(
        {
          info: {
            title: 'Payment provider (simulated)',
            version: '1',
            description:
              'Charges and refunds as a real provider would, with faults on demand. For development and tests.',
          },
          endpoints,
          health: { service: name, connections: checks, ready: checks, live: checks },
          registry,
          log,
          translate: () => undefined,
          tracer,
        },
        values,
      );
      closer.add('http', http.close);
      closer.add('delays', () => stopping.abort());
    },
  },
  process.env,
);

import { verifierFrom } from '@shop/shared/auth/callers';
import { serve } from '@shop/shared/http/app';
import { runService } from '@shop/shared/lifecycle';
import { createRegistry } from '@shop/shared/metrics';
import { mongoOutage, pingMongo } from '@shop/shared/mongo/connect';
import { openMongo } from '@shop/shared/mongo/rotation';
import { Types } from 'mongoose';
import { settings } from './config.ts';
import { clientEndpoints } from './routes.ts';
import { mongoClientStore } from './store.ts';

const name = 'clients-service';

runService(
  {
    name,
    settings,
    async start(values, { log, closer, tracer }) {
      const verifyToken = verifierFrom(values, log);
      const { mongo, close: closeMongo } = await openMongo(values, log);
      closer.add('mongo', closeMongo);
      const mongodb = () => pingMongo(mongo);

      const http = await serve(
        {
          info: { title: 'Clients', version: '1', description: 'Who buys: created once, read by orders.' },
          endpoints: clientEndpoints({
            store: mongoClientStore(mongo),
            newId: () => new Types.ObjectId().toHexString(),
            clock: () => new Date(),
          }),
          verifyToken,
          health: { service: name, connections: { mongodb }, ready: { mongodb }, live: {} },
          registry: createRegistry(name),
          log,
          translate: mongoOutage,
          tracer,
        },
        values,
      );
      closer.add('http', http.close);
    },
  },
  process.env,
);

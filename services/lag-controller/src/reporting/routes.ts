import { DomainError } from '@shop/shared/errors';
import { type Endpoint, endpoint } from '@shop/shared/http/endpoint';
import { z } from 'zod';
import type { Timelines } from './timeline.ts';

const timeline = z.object({
  scaler: z.string(),
  group: z.string(),
  topic: z.string(),
  lagSeconds: z.number().meta({ description: 'How old a message may get' }),
  minReplicas: z.number(),
  maxReplicas: z.number().optional(),
  dryRun: z.boolean(),
  points: z
    .array(z.looseObject({ atMs: z.number(), action: z.enum(['up', 'down', 'hold']), reason: z.string() }))
    .meta({ description: 'Rounds, oldest first; what was not known is absent' }),
});

/** To read only: what there is to be set is set where the scalers come from. */
export function scalerEndpoints(timelines: Timelines): Endpoint[] {
  return [
    endpoint({
      method: 'get',
      path: '/v1/scalers',
      summary: 'Every scaler with its newest round',
      request: {},
      responses: { 200: { description: 'Sorted by name', schema: z.object({ items: z.array(timeline) }) } },
      handle: async () => ({
        status: 200,
        body: { items: timelines.all().map((one) => ({ ...one, points: one.points.slice(-1) })) },
      }),
    }),
    endpoint({
      method: 'get',
      path: '/v1/scalers/{name}/history',
      summary: 'The rounds of the last hour',
      request: { params: z.object({ name: z.string().max(512) }) },
      responses: {
        200: { description: 'Oldest first', schema: timeline },
        404: { description: 'There is no such scaler, or it had no round yet' },
      },
      async handle({ params }) {
        const found = timelines.of(params.name);
        if (!found)
          throw new DomainError('not-found', {
            code: 'scaler-not-found',
            detail: `There is no scaler ${params.name}, or it had no round yet: GET /v1/scalers lists them.`,
          });
        return { status: 200, body: found };
      },
    }),
  ];
}

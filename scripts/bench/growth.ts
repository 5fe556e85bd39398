import { Types } from 'mongoose';
import { type Connection, connectMongo } from '../../services/shared/src/mongo/connect.ts';
import { mongoOutbox } from '../../services/shared/src/outbox/mongo-outbox.ts';
import { freeLease } from '../../services/shared/src/outbox/outbox.ts';
import { type Figure, figure, ratios } from './figures.ts';
import { generate, published, startLoad } from './intake.ts';
import type { Running } from './processes.ts';
import { type Orders, startOrders } from './shop.ts';
import type { World } from './world.ts';

const rounds = 5;
const roundMs = 3_000;
const connections = 32;
const sweeps = 50;
const sizes = [1_000, 10_000, 100_000, 1_000_000] as const;
const batch = 1_000;

interface Side {
  readonly size: number;
  readonly orders: Orders;
  readonly connection: Connection;
  readonly rates: number[];
  readonly sweepMs: number[];
}

/** What intake and a sweep cost as more orders are stored. */
export async function measureGrowth(world: World): Promise<Figure[]> {
  const sides: Side[] = [];
  const generator = startLoad(world);
  try {
    for (const size of sizes)
      sides.push(
        await world.progress.step(`growth: ${size} orders`, ({ note }) => open(world, size, sides[0]?.orders, note)),
      );
    for (const side of sides) await load(side, generator);
    for (let round = 1; round <= rounds; round += 1)
      await world.progress.step(
        `growth: round ${round} of ${rounds}`,
        async () => {
          for (const side of sides) {
            side.rates.push(await load(side, generator));
            side.sweepMs.push(await sweep(side.connection));
          }
        },
        () =>
          `growth: ${sides.map(({ size, rates }) => `${size} stored ${Math.round(rates.at(-1) ?? 0)}/s`).join(', ')}`,
      );
    return figuresOf(sides);
  } finally {
    await generator.stop();
    // The first has the clients and products of all.
    for (const { orders, connection } of sides.reverse()) await Promise.all([connection.close(), orders.stop()]);
  }
}

async function open(
  world: World,
  size: number,
  beside: Orders | undefined,
  note: (text: string) => void,
): Promise<Side> {
  const name = `growth-${size}`;
  const orders = await startOrders(world, { name, beside });
  const connection = await connectMongo({ mongodbUri: world.databaseUri(name) });
  const collection = connection.collection('orders');
  for (let stored = 0; stored < size; stored += batch) {
    note(`${stored} stored`);
    await collection.insertMany(Array.from({ length: batch }, () => decided(orders) as object));
  }
  return { size, orders, connection, rates: [], sweepMs: [] };
}

/** As the service leaves an order that was paid. */
function decided({ order }: Orders) {
  const now = new Date();
  const { clientId, items, payments } = order;
  return {
    _id: new Types.ObjectId(),
    ...{ clientId, clientName: 'Maria Silva', status: 'PAGO', totalCents: 1_990, createdAt: now, updatedAt: now },
    items: items.map(({ productId, quantity }) => ({ productId, quantity, priceCents: 1_990 })),
    payments: payments.map(({ typePaymentId }) => ({ typePaymentId, amountCents: 1_990 })),
    ...{ version: 2, outbox: [], lease: freeLease(2) },
  };
}

async function load({ orders }: Side, generator: Running): Promise<number> {
  const { port, order: body } = orders;
  const { perSecond } = await generate(generator, { port, path: '/v1/orders', body, connections, durationMs: roundMs });
  await published(orders);
  return perSecond;
}

/** @returns milliseconds of one sweep that finds nothing to send */
async function sweep(connection: Connection): Promise<number> {
  const outbox = mongoOutbox(connection.collection('orders'));
  const terms = { owner: 'bench', until: new Date() };
  const startedAt = performance.now();
  for (let count = 0; count < sweeps; count += 1) await outbox.claimDue(terms, new Date(), 200);
  return (performance.now() - startedAt) / sweeps;
}

function figuresOf(sides: readonly Side[]): Figure[] {
  const [few, many] = [sides[0] as Side, sides.at(-1) as Side];
  return [
    figure(
      {
        ...{ id: 'growth.intake', unit: 'ratio', reach: { atLeast: 0.8 } },
        about: `orders accepted: with ${many.size} orders stored / with ${few.size}`,
      },
      ratios(many.rates, few.rates),
    ),
    figure(
      {
        ...{ id: 'growth.sweep', unit: 'times', reach: { atLeast: 0.5 } },
        about: `time of a sweep: with ${few.size} orders stored / with ${many.size}`,
      },
      ratios(few.sweepMs, many.sweepMs),
    ),
    ...sides.flatMap(({ size, rates, sweepMs }) => [
      figure({ id: `growth.intake-${size}`, about: `orders accepted, ${size} stored`, unit: 'per second' }, rates),
      figure({ id: `growth.sweep-${size}`, about: `one sweep, ${size} stored`, unit: 'ms' }, sweepMs),
    ]),
  ];
}

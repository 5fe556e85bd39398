import { DomainError } from '@shop/shared/errors';
import { type Endpoint, endpoint, type Reply } from '@shop/shared/http/endpoint';
import { z } from 'zod';
import { declineReasons } from './charge.ts';
import { faulty } from './faulty.ts';
import { ledgerEntry } from './ledger.ts';
import { behaviour, type Fault, type Simulation } from './simulation.ts';
import type { ChargeState, ChargeStore, Outcome } from './store.ts';

const cents = z.number().int().max(Number.MAX_SAFE_INTEGER);
const reference = z.string().min(1).max(128);
const currency = z.literal('BRL');
const idempotencyKey = z.object({ 'idempotency-key': z.string().min(1).max(255) });

/** An amount of 0 is taken too: an order of free things is decided like any other. */
const chargeRequest = z.strictObject({ orderId: reference, amountCents: cents.min(0), currency });
const refundRequest = z.strictObject({ chargeId: reference, amountCents: cents.min(1) });

const charge = z.object({
  id: z.string(),
  orderId: z.string(),
  amountCents: cents,
  currency,
  status: z.enum(['captured', 'declined']),
  reason: z.enum(declineReasons).optional(),
  refundedCents: cents,
  createdAt: z.iso.datetime(),
});

const refund = z.object({
  id: z.string(),
  chargeId: z.string(),
  orderId: z.string(),
  amountCents: cents,
  currency,
  createdAt: z.iso.datetime(),
});

const ofOrder = z.strictObject({ orderId: reference });
const listOf = (item: z.ZodType) => z.object({ items: z.array(item) });

const ledgerQuery = z.strictObject({
  after: z.coerce.number().int().min(0).default(0).meta({ description: 'The `next` of the page before' }),
  limit: z.coerce.number().int().min(1).max(10_000).default(1_000),
});

const chargeView = ({ charge: each, refundedCents }: ChargeState) => ({ ...each, refundedCents });

function created({ isReplay }: Outcome<unknown>, body: { id: string }, path: string): Reply {
  const headers = { location: `${path}/${body.id}`, ...(isReplay && { 'idempotent-replayed': 'true' }) };
  return { status: 201, body, headers };
}

const refusals = {
  400: { description: 'The request is malformed' },
  422: { description: 'The key was used for another request, or the amount is against the rules' },
  429: { description: 'Simulated: too many requests' },
  503: { description: 'Simulated: not available' },
};

interface Deps {
  readonly store: ChargeStore;
  readonly simulation: Simulation;
  readonly onFault: (kind: Fault['kind']) => void;
  /** Aborted when the provider stops. */
  readonly stopping: AbortSignal;
}

function chargeEndpoints(store: ChargeStore): [Endpoint, ...Endpoint[]] {
  return [
    endpoint({
      method: 'post',
      path: '/charges',
      summary: 'Charge an order',
      request: { headers: idempotencyKey, body: chargeRequest },
      responses: { 201: { description: 'Captured or declined', schema: charge }, ...refusals },
      async handle({ body, headers, note }) {
        note({ orderId: body.orderId });
        const outcome = await store.charge(body, headers['idempotency-key']);
        return created(outcome, chargeView(outcome.result), '/charges');
      },
    }),
    endpoint({
      method: 'get',
      path: '/charges',
      summary: 'The charges of an order, oldest first',
      request: { query: ofOrder },
      responses: { 200: { description: 'All of them', schema: listOf(charge) }, 400: refusals[400] },
      async handle({ query, note }) {
        note(query);
        return { status: 200, body: { items: store.chargesOf(query.orderId).map(chargeView) } };
      },
    }),
    endpoint({
      method: 'get',
      path: '/charges/{id}',
      summary: 'One charge',
      request: { params: z.object({ id: reference }) },
      responses: {
        200: { description: 'The charge', schema: charge },
        404: { description: 'There is no such charge' },
      },
      async handle({ params }) {
        const found = store.find(params.id);
        if (!found)
          throw new DomainError('not-found', { code: 'charge-not-found', detail: `There is no charge ${params.id}.` });
        return { status: 200, body: chargeView(found) };
      },
    }),
  ];
}

function refundEndpoints(store: ChargeStore): [Endpoint, Endpoint] {
  return [
    endpoint({
      method: 'post',
      path: '/refunds',
      summary: 'Give back a charge, or a part of it',
      request: { headers: idempotencyKey, body: refundRequest },
      responses: {
        201: { description: 'Given back', schema: refund },
        404: { description: 'There is no such charge' },
        409: { description: 'The charge was declined' },
        ...refusals,
      },
      async handle({ body, headers, note }) {
        const outcome = await store.refund(body, headers['idempotency-key']);
        note({ orderId: outcome.result.orderId });
        return created(outcome, outcome.result, '/refunds');
      },
    }),
    endpoint({
      method: 'get',
      path: '/refunds',
      summary: 'The refunds of an order, oldest first',
      request: { query: ofOrder },
      responses: { 200: { description: 'All of them', schema: listOf(refund) }, 400: refusals[400] },
      async handle({ query, note }) {
        note(query);
        return { status: 200, body: { items: store.refundsOf(query.orderId) } };
      },
    }),
  ];
}

/** For whoever checks or steers the simulation; never struck by a fault itself. */
function controlEndpoints(store: ChargeStore, simulation: Simulation): Endpoint[] {
  const answer = async () => ({ status: 200, body: simulation.behaviour });
  return [
    endpoint({
      method: 'get',
      path: '/ledger',
      summary: 'What was really charged and refunded, in the order of happening',
      request: { query: ledgerQuery },
      responses: {
        200: {
          description: 'A page; `next` is null on the last one',
          schema: z.object({ items: z.array(ledgerEntry), next: z.number().int().nullable() }),
        },
      },
      async handle({ query }) {
        const items = store.entries(query.after, query.limit);
        return { status: 200, body: { items, next: items.length < query.limit ? null : items.at(-1)?.seq } };
      },
    }),
    endpoint({
      method: 'get',
      path: '/faults',
      summary: 'How the provider misbehaves now',
      request: {},
      responses: { 200: { description: 'The behaviour', schema: behaviour } },
      handle: answer,
    }),
    endpoint({
      method: 'put',
      path: '/faults',
      summary: 'Replace the whole behaviour; {} ends all misbehaviour',
      request: { body: behaviour },
      responses: { 200: { description: 'The behaviour from now on', schema: behaviour }, 400: refusals[400] },
      async handle({ body }) {
        simulation.replace(body);
        return answer();
      },
    }),
  ];
}

export function providerEndpoints({ store, ...options }: Deps): Endpoint[] {
  const [postCharge, ...readCharges] = chargeEndpoints(store);
  const [postRefund, readRefunds] = refundEndpoints(store);
  return [
    faulty('charge', postCharge, options),
    faulty('refund', postRefund, options),
    ...[...readCharges, readRefunds].map((read) => faulty('read', read, options)),
    ...controlEndpoints(store, options.simulation),
  ];
}

import { expect, it } from '@jest/globals';
import { httpClients } from './clients-api.ts';

const answering = (status: number, body: unknown, clientId = '1') =>
  httpClients({
    call: async () => ({ status, headers: {}, text: JSON.stringify(body), json: () => body }) as never,
    clientsUrl: 'http://clients',
    bearer: async () => ({}),
    timeoutMs: 1_000,
  })(clientId, undefined);

it.each([
  [404, 'client-not-found'],
  [400, 'invalid-request'],
])('takes a %d with the code %s of clients for a client that there is not', async (status, code) => {
  await expect(answering(status, { code })).rejects.toMatchObject({ kind: 'not-found', code: 'client-unknown' });
});

it.each(['..', '', 'a/b', '\ud800', 'é', '1'.repeat(201)])(
  'takes %j for nobody, since a call for it would fail like one in an outage',
  async (clientId) => {
    const rejected = answering(503, {}, clientId);
    await expect(rejected).rejects.toMatchObject({ kind: 'not-found', code: 'client-unknown' });
  },
);

it.each([
  [404, {}],
  [400, {}],
  [400, 'Request Header Or Cookie Too Large'],
  [500, { code: 'client-not-found' }],
])('takes a %d with %j, as a proxy may answer, for an outage', async (status, body) => {
  await expect(answering(status, body)).rejects.toMatchObject({ kind: 'unavailable' });
});

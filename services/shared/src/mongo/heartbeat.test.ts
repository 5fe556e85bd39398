import { EventEmitter } from 'node:events';
import { setTimeout as sleep } from 'node:timers/promises';
import { afterEach, describe, expect, it } from '@jest/globals';
import { freeHangingHeartbeats } from './heartbeat.ts';

const heartbeat = { connectionId: 'db:27017' };
let stop = () => {};
afterEach(() => stop());

/** A client as the driver builds it, watched with a patience of 10 ms. */
function clientWith({ destroyed }: { destroyed: boolean }) {
  const socket = Object.assign(new EventEmitter(), { destroyed });
  const servers = new Map([[heartbeat.connectionId, { monitor: { connection: { socket } } }]]);
  const client = Object.assign(new EventEmitter(), { topology: { s: { servers } } });
  const errors: Error[] = [];
  socket.on('error', (error) => errors.push(error));
  stop = freeHangingHeartbeats(client, 10);
  return { client, socket, errors };
}

describe('freeHangingHeartbeats', () => {
  it('tells a heartbeat on a destroyed socket the error it waits for', async () => {
    const { client, socket } = clientWith({ destroyed: true });
    const told = new Promise((resolve) => socket.once('error', resolve));
    client.emit('serverHeartbeatStarted', heartbeat);
    expect(await told).toBeInstanceOf(Error);
  });

  it.each(['serverHeartbeatSucceeded', 'serverHeartbeatFailed'])(
    'leaves one alone that ended with %s',
    async (event) => {
      const { client, errors } = clientWith({ destroyed: true });
      client.emit('serverHeartbeatStarted', heartbeat);
      client.emit(event, heartbeat);
      await sleep(40);
      expect(errors).toEqual([]);
    },
  );

  it('leaves a living socket to the timeout of the driver', async () => {
    const { client, errors } = clientWith({ destroyed: false });
    client.emit('serverHeartbeatStarted', heartbeat);
    await sleep(40);
    expect(errors).toEqual([]);
  });
});

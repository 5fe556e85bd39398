import { afterEach, beforeEach, describe, expect, it, jest } from '@jest/globals';
import { Link } from '../../../../scripts/chaos/link.ts';
import { mongoDialogue } from '../../../../scripts/chaos/wire/mongo.ts';
import { proxyOf, type TcpProxy } from '../../../../scripts/testing/tcp-proxy.ts';
import { testDatabase } from '../../../../scripts/testing/test-database.ts';
import { until } from '../../../../scripts/testing/until.ts';
import { pause } from '../pause.ts';
import { type Connection, connectMongo, mongoOutage, pingMongo } from './connect.ts';

jest.setTimeout(60_000);

describe('the connection to MongoDB', () => {
  let proxy: TcpProxy;
  let connection: Connection | undefined;
  let uri: string;

  beforeEach(async () => {
    ({ proxy, uri } = await proxyOf(testDatabase()));
  });

  afterEach(async () => {
    await connection?.close(true);
    connection = undefined;
    await proxy.close();
  });

  const thrown = (action: Promise<unknown>) =>
    action.then(
      () => undefined,
      (error: unknown) => error,
    );

  it('gives up a start without a server in a sentence that names it, but not the password', async () => {
    await proxy.close();
    const withPassword = uri.replace('mongodb://', 'mongodb://user:hunter2@');
    const error = (await thrown(connectMongo({ mongodbUri: withPassword }))) as Error;
    expect(error.name).toBe('StartError');
    expect(error.message).toContain(`MongoDB at ${proxy.address} cannot be used (connect ECONNREFUSED`);
    expect(error.message).not.toContain('hunter2');
  });

  it('is an outage for pings and reads while the server is away, and well again when it is back', async () => {
    const opened = await connectMongo({ mongodbUri: uri });
    connection = opened;
    await pingMongo(opened);
    await proxy.close();
    expect(await thrown(pingMongo(opened))).toBeInstanceOf(Error);
    const read = () => opened.collection('things').findOne({});
    expect(mongoOutage(await thrown(read()))).toMatchObject({ code: 'database-unavailable' });
    await proxy.open();
    await until('it answers again', () => pingMongo(opened).then(() => true));
    expect(await read()).toBeNull();
  });

  it('waits for a server that stands still for a moment, also with more requests than it has connections', async () => {
    const { hostname: host, port, pathname } = new URL(uri);
    const link = await new Link({
      name: 'MongoDB',
      target: { host, port: Number(port) },
      dialogue: mongoDialogue,
    }).open();
    try {
      connection = await connectMongo({ mongodbUri: `mongodb://${link.authority}${pathname}` });
      link.blackHole(true);
      const reads = Promise.allSettled(Array.from({ length: 20 }, () => connection?.collection('things').findOne({})));
      await pause(3_000, AbortSignal.timeout(10_000));
      link.blackHole(false);
      expect((await reads).filter(({ status }) => status === 'rejected')).toEqual([]);
    } finally {
      await connection?.close(true);
      await link.close();
    }
  });

  it('does not hang on a server that hangs', async () => {
    connection = await connectMongo({ mongodbUri: uri });
    await pingMongo(connection);
    proxy.stall();
    const startedAt = Date.now();
    expect(await thrown(pingMongo(connection))).toBeInstanceOf(Error);
    expect(mongoOutage(await thrown(connection.collection('things').insertOne({})))).toBeDefined();
    expect(Date.now() - startedAt).toBeLessThan(12_000);
  });
});

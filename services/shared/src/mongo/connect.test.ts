import { describe, expect, it } from '@jest/globals';
import { mongo } from 'mongoose';
import { readSettings } from '../env.ts';
import { currentUri, driverOptions, isDuplicateKey, mongoOutage, mongoSettings } from './connect.ts';

const errorOf = (name: string, members = {}) => Object.assign(new Error('x'), { name }, members);

describe('MongoDB', () => {
  it('wants an address with a database, and never repeats its password', () => {
    const read = (uri: string) => readSettings(mongoSettings, { MONGODB_URI: uri });
    for (const uri of ['mongodb://a,b:1/shop', 'mongodb+srv://u:p@host/shop?tls=true'])
      expect(read(uri).mongodbUri).toBe(uri);
    const split = 'mongodb://user:p@hunter2@host/shop';
    for (const uri of ['mongodb://user:hunter2@host', 'mongodb://host/', 'http://host/shop', split]) {
      expect(() => read(uri)).toThrow('MONGODB_URI must be mongodb://HOST:PORT/DATABASE');
      expect(() => read(uri)).not.toThrow('hunter2');
    }
  });

  it('is written to and read with the guarantees that nothing is lost without, whatever its address says', () => {
    const copy = 'maxStalenessSeconds=120&readPreference=secondaryPreferred&readPreferenceTags=dc:east';
    const address = {
      mongodbUri: `mongodb://host/shop?${copy}&readConcernLevel=local&w=1&wtimeout=0&journal=false&j=false`,
    };
    const { options } = new mongo.MongoClient(currentUri(address), driverOptions(address));
    expect(options.readPreference.mode).toBe('primary');
    expect(options.readConcern.level).toBe('majority');
    expect(options.writeConcern).toMatchObject({ w: 'majority', journal: true, wtimeoutMS: 8_000 });
  });

  it('is out when it cannot be reached, or says that it cannot serve now', () => {
    for (const error of [
      errorOf('MongoServerSelectionError'),
      errorOf('MongoNetworkTimeoutError'),
      ...[10_107, 18, 13, 134, 262, 371, 14_031, 8_000, 16_500].map((code) => errorOf('MongoServerError', { code })),
      errorOf('MongoBulkWriteError', { code: 18 }),
      errorOf('MongoServerError', { code: 1, errorLabels: ['HandshakeError'] }),
      errorOf('Error', { code: 'EPIPE' }),
      Object.assign(new Error('Cannot call `x.find()` before initial connection is complete'), {
        name: 'MongooseError',
      }),
    ])
      expect(mongoOutage(error)).toMatchObject({ kind: 'unavailable', retryAfterSeconds: 2, cause: error });
  });

  it('is not out when a write is refused', () => {
    for (const error of [errorOf('MongoServerError', { code: 11_000 }), errorOf('MongooseError'), new Error('x'), 'x'])
      expect(mongoOutage(error)).toBeUndefined();
    expect(isDuplicateKey(errorOf('MongoServerError', { code: 11_000 }))).toBe(true);
    expect(isDuplicateKey(errorOf('MongoServerError', { code: 121 }))).toBe(false);
  });
});

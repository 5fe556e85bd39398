/** For tests, behind a script that is called mongod: takes its arguments, and serves with mongo-java-server. */
import { parseArgs } from 'node:util';
import { startMongo } from '../mongo.ts';

const { values } = parseArgs({
  strict: false,
  options: { port: { type: 'string' }, dbpath: { type: 'string' } },
});
const server = await startMongo({
  port: Number(values.port),
  dataDir: String(values.dbpath),
  kind: 'mongo-java-server',
});
process.once('SIGTERM', () => void server.stop());

import { randomBytes } from 'node:crypto';

/** The address of a database of its own on the test run's server: what one test leaves behind, no other sees. */
export function testDatabase(): string {
  const server = process.env.TEST_MONGODB_URI;
  if (!server) throw new Error('TEST_MONGODB_URI is not set: run this with a Jest project that starts servers.');
  const uri = new URL(server);
  uri.pathname = `/test-${randomBytes(6).toString('hex')}`;
  return uri.toString();
}

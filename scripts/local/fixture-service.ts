// A service without any work, for the tests of what runs services. FIXTURE_BEHAVIOUR says how it fails.
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';

const behaviour = process.env.FIXTURE_BEHAVIOUR;
const say = (level: string, msg: string, more: object = {}) => console.log(JSON.stringify({ level, msg, ...more }));

if (behaviour === 'crash') throw new Error('it does not want to');

const server = createServer((request, response) => {
  response.statusCode = request.url === '/readyz' && behaviour !== 'never-ready' ? 200 : 503;
  response.end(JSON.stringify({ pid: process.pid }));
});

function stop(why: string): void {
  say('info', 'stopping', { why });
  if (behaviour === 'stubborn' && why === 'SIGTERM') return;
  server.close();
  server.closeAllConnections();
  if (process.connected) process.disconnect();
}

process.on('SIGTERM', () => stop('SIGTERM'));
process.on('disconnect', () => stop('the parent process ended'));
server.listen(Number(process.env.PORT), process.env.HOST, () => {
  say('info', 'listening', { port: (server.address() as AddressInfo).port });
  say('warn', 'a warning', { err: { message: 'of no importance' } });
});

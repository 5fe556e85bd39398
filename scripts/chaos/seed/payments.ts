// The seed's own payments service, for the harness: it says in the log when it listens, as ours does.
import { createServer } from 'node:http';
import '../../bench/baseline/seed-payments.ts';

const port = Number(process.env.PORT);
createServer((_request, response) => response.end()).listen(port, '127.0.0.1', () =>
  console.log(JSON.stringify({ msg: 'listening', port })),
);

// The plain payments service of the bench, for the harness: it says in the log when it listens, as ours does.
import { createServer } from 'node:http';
import '../../bench/baseline/plain-payments.ts';

const port = Number(process.env.PORT);
createServer((_request, response) => response.end()).listen(port, '127.0.0.1', () =>
  console.log(JSON.stringify({ msg: 'listening', port })),
);

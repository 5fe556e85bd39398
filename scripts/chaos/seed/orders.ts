// The seed's own orders service, for the harness: it says in the log when it listens, as ours does.
import '../../bench/baseline/seed-orders.ts';

console.log(JSON.stringify({ msg: 'listening', port: Number(process.env.PORT) }));

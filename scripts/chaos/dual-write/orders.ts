// The dual-writing orders service of the bench, for the harness: it says in the log when it listens, as ours does.
import '../../bench/baseline/dual-write-orders.ts';

console.log(JSON.stringify({ msg: 'listening', port: Number(process.env.PORT) }));

// `npm run kafka`: what is in Kafka, who has read how far, and how to move that.
import { runCommandLine } from './kafka-cli/command-line.ts';
import { consume } from './kafka-cli/consume.ts';
import { lag } from './kafka-cli/lag.ts';
import { partitions } from './kafka-cli/partitions.ts';
import { reset } from './kafka-cli/reset.ts';
import { topics } from './kafka-cli/topics.ts';

const help = `npm run kafka -- COMMAND [FLAGS]

  topics                                        topics, their partitions, replication and messages
  lag [--group G] [--topic T] [--watch]         how far each group has read, per partition
  consume TOPIC [--from-beginning] [--max N] [--follow]
                                                print messages; moves no offsets of any service
  partitions TOPIC N [--execute]                raise the number of partitions
  reset --topic T [--group G] --to earliest|latest|OFFSET|TIME [--partition P] [--execute]
                                                let a stopped group read again, or skip
  COMMAND --help                                more about one of them

partitions and reset only show what they would do, unless --execute is given.
Kafka is looked for at KAFKA_BROKERS (127.0.0.1:9092), with KAFKA_TLS* and KAFKA_SASL_* as the services take them.
Exit status: 0 when it was done or shown; 1 otherwise, told in one sentence.`;

process.exitCode = await runCommandLine(
  { name: 'npm run kafka', help, commands: { topics, lag, consume, partitions, reset } },
  process.argv.slice(2),
  process.env,
);

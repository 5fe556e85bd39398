// `npm run dlq`: the messages that a group gave up on, and how to hand them to it once more.
import { list } from './dead-letters/list.ts';
import { replay } from './dead-letters/replay.ts';
import { show } from './dead-letters/show.ts';
import { runCommandLine } from './kafka-cli/command-line.ts';

const help = `npm run dlq -- COMMAND [FLAGS]

  list                                          all dead letters: why, where from, whether replayed
  show PARTITION:OFFSET                         one of them with all headers and its value
  replay PARTITION:OFFSET… | --all [--code CODE] [--again] [--execute]
                                                send them again, to the group that gave up on them
  COMMAND --help                                more about one of them

--topic T takes another dead-letter topic than payments-service-group.orders.created.dlq.
replay only shows what it would do, unless --execute is given.
Kafka is looked for at KAFKA_BROKERS (127.0.0.1:9092), with KAFKA_TLS* and KAFKA_SASL_* as the services take them.
Exit status: 0 when it was done or shown; 1 otherwise, told in one sentence.`;

process.exitCode = await runCommandLine(
  { name: 'npm run dlq', help, commands: { list, show, replay } },
  process.argv.slice(2),
  process.env,
);

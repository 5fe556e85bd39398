/** The AsyncAPI 3.0 document of the topics: from the schemas and names that the services use, so that it cannot differ. */
import { stringify } from 'yaml';
import { eventType } from '../../services/shared/src/contracts/cloud-event.ts';
import { amount, eventSchemas } from '../../services/shared/src/contracts/order-events.ts';
import {
  deadLetterTopic,
  deadLetterTopics,
  notificationsGroup,
  ordersCreated,
  ordersFailed,
  ordersPaid,
  partitionCount,
  paymentsGroup,
} from '../../services/shared/src/contracts/topics.ts';
import { maxCents } from '../../services/shared/src/money.ts';

export type Json = { readonly [member: string]: unknown };

const bindingVersion = '0.5.0';
const id = { type: 'string', pattern: '^[0-9a-f]{24}$' };
const exactly = (value: string) => ({ type: 'string', const: value });
const text = (description: string, pattern?: string) => ({ type: 'string', description, ...(pattern && { pattern }) });

/** `orders.created` → `ordersCreated`: a name inside the document. */
const nameOf = (topic: string) => topic.replace(/[.-](\w)/g, (_, letter: string) => letter.toUpperCase());
const reference = (path: string) => ({ $ref: `#/${path}` });

/** Draft 7, as AsyncAPI's own schemas. What a reader may get, so unknown members are allowed. */
function payloadSchema(topic: keyof typeof eventSchemas): Json {
  const {
    $schema: _,
    '~standard': __,
    ...schema
  } = eventSchemas[topic].toJSONSchema({
    target: 'draft-7',
    io: 'input',
    unrepresentable: 'any',
    override({ zodSchema, jsonSchema }) {
      // A schema's own checks of an amount are code, which JSON Schema cannot hold.
      if (zodSchema !== (amount as unknown)) return;
      jsonSchema.minimum = 0;
      jsonSchema.maximum = maxCents / 100;
      jsonSchema.description = 'In reais, with at most two decimals';
    },
  }) as Json;
  return schema;
}

const eventHeaderProperties = (type: object): Json => ({
  ce_specversion: exactly('1.0'),
  ce_id: text(
    'Order id and sequence: the same event has the same id, however often it arrives',
    '^[0-9a-f]{24}\\.\\d+$',
  ),
  ce_source: exactly('/orders'),
  ce_type: type,
  ce_subject: { ...id, description: 'The order id' },
  ce_time: { ...text('When the order changed'), format: 'date-time' },
  ce_sequence: text("The order's version after the change: 1, 2, … over all topics", '^\\d+$'),
  'content-type': exactly('application/json'),
  traceparent: text('W3C trace context of the request that caused the change'),
});

const deadLetterProperties = {
  '__dlq.errors.topic': text('Where the message was read'),
  '__dlq.errors.partition': text('Its partition there', '^\\d+$'),
  '__dlq.errors.offset': text('Its offset there', '^\\d+$'),
  '__dlq.errors.group': text('The consumer group that gave up on it'),
  '__dlq.errors.delivery.count': text('How often it was tried', '^\\d+$'),
  '__dlq.errors.message': text('What is wrong with it, without personal data'),
  'dlq-error-code': text('The same as a word for programs'),
  'dlq-failed-at': { ...text('When the group gave up'), format: 'date-time' },
};

function eventMessage(topic: keyof typeof eventSchemas): Json {
  const { title, description } = eventSchemas[topic].meta() ?? {};
  const properties = eventHeaderProperties(exactly(eventType(topic)));
  return {
    name: eventType(topic),
    title,
    summary: description,
    contentType: 'application/json',
    headers: {
      type: 'object',
      properties,
      required: Object.keys(properties).filter((name) => name !== 'traceparent'),
    },
    payload: payloadSchema(topic),
    bindings: { kafka: { key: { ...id, description: 'The order id' }, bindingVersion } },
  };
}

function deadLetterMessage(): Json {
  return {
    name: 'dead-letter',
    title: 'DeadLetter',
    summary: 'A message that its consumer group could not understand: key, value and headers as they came.',
    headers: {
      type: 'object',
      properties: { ...eventHeaderProperties(text('As it came')), ...deadLetterProperties },
      required: Object.keys(deadLetterProperties),
    },
    payload: { description: 'Byte for byte as it came; it need not be JSON' },
    bindings: { kafka: { key: { description: 'As it came, if it had one' }, bindingVersion } },
  };
}

const channel = (topic: string, description: string): Json => ({
  address: topic,
  description,
  servers: [reference('servers/kafka')],
  messages: { event: reference(`components/messages/${nameOf(topic)}`) },
  bindings: { kafka: { topic, partitions: partitionCount, bindingVersion } },
});

const operation = (service: string, action: 'send' | 'receive', topic: string, more: Json): Json => ({
  action,
  channel: reference(`channels/${nameOf(topic)}`),
  messages: [reference(`channels/${nameOf(topic)}/messages/event`)],
  tags: [{ name: service }],
  ...more,
});

const clientBinding = (service: string, groupId?: string): Json => ({
  kafka: {
    clientId: exactly(`${service}-service`),
    ...(groupId && { groupId: exactly(groupId) }),
    bindingVersion,
  },
});

type Topic = keyof typeof eventSchemas;

/** Who reads which topic. */
const readings: readonly { service: string; group: string; topic: Topic; summary: string }[] = [
  {
    service: 'payments',
    group: paymentsGroup,
    topic: ordersCreated,
    summary: 'From the beginning of the topic; each order is charged once, however often its event arrives.',
  },
  ...([ordersPaid, ordersFailed] as const).map((topic) => ({
    service: 'notifications',
    group: notificationsGroup,
    topic,
    summary: 'From the beginning of the topic; the client is told once, however often the event arrives.',
  })),
];

/** One that reads a topic, and says where what it cannot understand goes. */
function readingOperations({ service, group, topic, summary }: (typeof readings)[number]): [string, Json][] {
  const title = eventSchemas[topic].meta()?.title;
  return [
    [
      `${service}Receives${title}`,
      operation(service, 'receive', topic, { summary, bindings: clientBinding(service, group) }),
    ],
    [
      `${service}SendsDeadLetterOf${title}`,
      operation(service, 'send', deadLetterTopic(group, topic), {
        summary: 'At once, for what no later attempt would understand; an outage of a dependency never leads here.',
        bindings: clientBinding(service),
      }),
    ],
  ];
}

/** The document as a value. */
export function asyncApi(): Json {
  const events = [ordersCreated, ordersPaid, ordersFailed] as const;
  const sends = events.map((topic) => [
    `ordersSends${eventSchemas[topic].meta()?.title}`,
    operation('orders', 'send', topic, {
      summary: 'From the outbox: at least once, and the events of one order in their order.',
      bindings: clientBinding('orders'),
    }),
  ]);
  return {
    asyncapi: '3.0.0',
    info: {
      title: 'Orders and payments',
      version: '1.0.0',
      description:
        "Every event is about one order and keyed by its id: the events of one order share a partition and arrive in order within a topic. Across topics `ce_sequence` is the order's version. Readers ignore members they do not know.",
      license: { name: 'MIT' },
    },
    defaultContentType: 'application/json',
    servers: { kafka: { host: '127.0.0.1:9092', protocol: 'kafka', description: 'Set by KAFKA_BROKERS' } },
    channels: {
      [nameOf(ordersCreated)]: channel(ordersCreated, 'Orders that were accepted'),
      [nameOf(ordersPaid)]: channel(ordersPaid, 'Orders that were paid'),
      [nameOf(ordersFailed)]: channel(ordersFailed, 'Orders that were cancelled or could not be paid'),
      ...Object.fromEntries(
        readings.map(({ group, topic }) => {
          const letters = deadLetterTopic(group, topic);
          return [nameOf(letters), channel(letters, `What ${group} could not understand in ${topic}`)];
        }),
      ),
    },
    operations: {
      ...Object.fromEntries(sends),
      ...Object.fromEntries(readings.flatMap(readingOperations)),
    },
    components: {
      messages: {
        ...Object.fromEntries(events.map((topic) => [nameOf(topic), eventMessage(topic)])),
        ...Object.fromEntries(deadLetterTopics.map((topic) => [nameOf(topic), deadLetterMessage()])),
      },
    },
  };
}

/** The text of docs/asyncapi.yaml. */
export function asyncApiYaml(): string {
  const head = '# Generated by `npm run generate` from services/shared/src/contracts: change it there.\n';
  return head + stringify(asyncApi(), { lineWidth: 0, aliasDuplicateObjects: false });
}

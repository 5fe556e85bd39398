import { describe, expect, it } from '@jest/globals';
import { DomainError } from '../errors.ts';
import type { OutgoingRecord } from '../kafka/records.ts';
import type { Message } from '../messaging/message.ts';
import { recordingTracer } from './recording-tracer.fixture.ts';
import { tracedHandle, tracedSend } from './traced-messages.ts';
import { noTracer } from './tracer.ts';

const parent = '00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01';
const record = (key: string): OutgoingRecord => ({
  topic: 'orders.created',
  key,
  value: '{}',
  headers: { ce_id: '1', traceparent: parent },
});
const message: Message = {
  topic: 'orders.created',
  partition: 3,
  offset: '42',
  key: 'order',
  value: null,
  headers: { ce_id: '1', traceparent: parent },
  timestamp: new Date(0),
  attempt: 2,
};
const down = new DomainError('unavailable', { code: 'kafka-unavailable', detail: 'Down.' });

describe('sending', () => {
  it('puts the context of a span of its own into each record, and leaves the rest of it as it is', async () => {
    const { tracer, spans } = recordingTracer();
    const sent: OutgoingRecord[] = [];
    await tracedSend(async (records) => void sent.push(...records), tracer)([record('a'), record('b')]);
    expect(spans.map(({ name, parent: above, how }) => [name, above, how.error])).toEqual([
      ['send orders.created', parent, undefined],
      ['send orders.created', parent, undefined],
    ]);
    expect(sent).toEqual(
      ['a', 'b'].map((key, index) => ({
        ...record(key),
        headers: { ce_id: '1', traceparent: spans[index]?.traceparent },
      })),
    );
  });

  it('that failed is told in the spans and thrown on', async () => {
    const { tracer, spans } = recordingTracer();
    await expect(tracedSend(() => Promise.reject(down), tracer)([record('a')])).rejects.toBe(down);
    expect(spans.map(({ how }) => how.error)).toEqual(['kafka-unavailable']);
  });
});

describe('handling', () => {
  it("gives the handler its span's context, under that of the message", async () => {
    const { tracer, spans } = recordingTracer();
    const seen: Message[] = [];
    const handle = tracedHandle(
      async (given) => {
        seen.push(given);
        return 'duplicate';
      },
      tracer,
      'group',
    );
    expect(await handle(message)).toBe('duplicate');
    const [span] = spans;
    expect(span).toMatchObject({
      name: 'process orders.created',
      parent,
      how: { attributes: { outcome: 'duplicate' } },
    });
    expect(span?.attributes).toMatchObject({
      'messaging.consumer.group.name': 'group',
      'messaging.destination.partition.id': '3',
      'messaging.kafka.offset': 42,
      attempt: 2,
    });
    expect(seen).toEqual([{ ...message, headers: { ce_id: '1', traceparent: span?.traceparent } }]);
  });

  it('that failed is told in the span and thrown on', async () => {
    const { tracer, spans } = recordingTracer();
    await expect(tracedHandle(() => Promise.reject(down), tracer, 'group')(message)).rejects.toBe(down);
    expect(spans.map(({ how }) => how.error)).toEqual(['kafka-unavailable']);
  });
});

it('without tracing nothing stands between', () => {
  const send = async () => {};
  const handle = async () => 'applied' as const;
  expect(tracedSend(send, noTracer)).toBe(send);
  expect(tracedHandle(handle, noTracer, 'group')).toBe(handle);
});

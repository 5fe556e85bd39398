import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { httpDialogue } from './http.ts';
import { kafkaDialogue } from './kafka.ts';
import { mongoDialogue } from './mongo.ts';
import type { Passage } from './passage.ts';

const broker = { host: '127.0.0.1', port: 9092 };
const link = { host: '127.0.0.1', port: 12_345 };
const route = { broker, link: () => link };

function kafkaRequest(key: number, correlation: number, body = ''): Buffer {
  const bytes = Buffer.alloc(12 + body.length);
  bytes.writeInt32BE(bytes.length - 4, 0);
  bytes.writeInt16BE(key, 4);
  bytes.writeInt32BE(correlation, 8);
  bytes.write(body, 12, 'latin1');
  return bytes;
}

function kafkaAnswer(correlation: number, body = Buffer.alloc(0)): Buffer {
  const head = Buffer.alloc(8);
  head.writeInt32BE(4 + body.length, 0);
  head.writeInt32BE(correlation, 4);
  return Buffer.concat([head, body]);
}

function address({ host, port }: { host: string; port: number }): Buffer {
  const bytes = Buffer.alloc(host.length + 4);
  bytes.write(host, 'latin1');
  bytes.writeInt32BE(port, host.length);
  return bytes;
}

function mongoMessage(id: number, answers: number, element: Buffer): Buffer {
  const head = Buffer.alloc(25);
  head.writeInt32LE(25 + element.length, 0);
  head.writeInt32LE(id, 4);
  head.writeInt32LE(answers, 8);
  head.writeInt32LE(2013, 12);
  return Buffer.concat([head, element]);
}

function element(name: string, value: string): Buffer {
  const length = Buffer.alloc(4);
  length.writeInt32LE(value.length + 1);
  return Buffer.concat([Buffer.from([2]), Buffer.from(`${name}\0`), length, Buffer.from(`${value}\0`)]);
}

function inPieces(bytes: Buffer, cuts: readonly number[]): Buffer[] {
  const places = [0, ...cuts.map((cut) => cut % (bytes.length + 1)).sort((a, b) => a - b), bytes.length];
  return places.slice(1).map((end, index) => bytes.subarray(places[index], end));
}

const operations = (passages: readonly Passage[]) => passages.map(({ operation }) => operation);
const cuts = fc.array(fc.nat(500), { maxLength: 20 });

describe('what passes between a service and Kafka', () => {
  const requests = Buffer.concat([kafkaRequest(0, 1, 'orders.created'), kafkaRequest(8, 2), kafkaRequest(99, 3)]);

  it('is recognised however the stream is cut, and goes on unchanged', () => {
    fc.assert(
      fc.property(cuts, (places) => {
        const dialogue = kafkaDialogue([route]);
        const passages = inPieces(requests, places).flatMap(dialogue.requests);
        expect(operations(passages)).toEqual(['Produce', 'OffsetCommit', 'request 99']);
        expect(Buffer.concat(passages.map(({ bytes }) => bytes))).toEqual(requests);
      }),
    );
  });

  it('is an answer to the request of its number, in whatever order they come', () => {
    const dialogue = kafkaDialogue([route]);
    dialogue.requests(requests);
    const answers = dialogue.answers(Buffer.concat([kafkaAnswer(2), kafkaAnswer(1)]));
    expect(operations(answers)).toEqual(['OffsetCommit', 'Produce']);
    expect(answers[1]?.request).toContain('orders.created');
  });

  it('leads to the link where the broker tells its address, and nowhere else', () => {
    const dialogue = kafkaDialogue([route]);
    dialogue.requests(Buffer.concat([kafkaRequest(3, 1), kafkaRequest(1, 2)]));
    const body = Buffer.concat([Buffer.from('a'), address(broker), Buffer.from('b'), address(broker)]);
    const [metadata, fetch] = dialogue.answers(Buffer.concat([kafkaAnswer(1, body), kafkaAnswer(2, body)]));
    const told = Buffer.concat([Buffer.from('a'), address(link), Buffer.from('b'), address(link)]);
    expect(metadata?.bytes.subarray(8)).toEqual(told);
    expect(fetch?.bytes.subarray(8)).toEqual(body);
  });

  it('leads to a link of its own for every broker of a cluster', () => {
    const at = (port: number) => ({ host: '127.0.0.1', port });
    const ports: [number, number][] = [
      [9092, 12_345],
      [9093, 12_346],
      [9094, 12_347],
    ];
    const dialogue = kafkaDialogue(ports.map(([from, to]) => ({ broker: at(from), link: () => at(to) })));
    dialogue.requests(kafkaRequest(3, 1));
    const body = Buffer.concat(ports.map(([from]) => address(at(from))));
    const [metadata] = dialogue.answers(kafkaAnswer(1, body));
    expect(metadata?.bytes.subarray(8)).toEqual(Buffer.concat(ports.map(([, to]) => address(at(to)))));
  });
});

describe('what passes between a service and MongoDB', () => {
  it('has the name of its command and collection, however the stream is cut', () => {
    const message = Buffer.concat([
      mongoMessage(1, 0, element('insert', 'orders')),
      mongoMessage(2, 0, element('update', 'payments')),
    ]);
    fc.assert(
      fc.property(cuts, (places) => {
        const dialogue = mongoDialogue();
        const passages = inPieces(message, places).flatMap(dialogue.requests);
        expect(operations(passages)).toEqual(['insert orders', 'update payments']);
        expect(operations(dialogue.answers(mongoMessage(9, 2, element('ok', ''))))).toEqual(['update payments']);
      }),
    );
  });
});

describe('what passes between services', () => {
  it('has method and path, and an answer those of the request before it', () => {
    const dialogue = httpDialogue();
    const ask = (text: string) => operations(dialogue.requests(Buffer.from(text)));
    expect(ask('POST /charges HTTP/1.1\r\nhost: a\r\n\r\n{')).toEqual(['POST /charges']);
    expect(ask('}')).toEqual(['POST /charges']);
    expect(operations(dialogue.answers(Buffer.from('HTTP/1.1 201 Created')))).toEqual(['POST /charges']);
    expect(ask('GET /charges?orderId=1 HTTP/1.1\r\n\r\n')).toEqual(['GET /charges']);
  });
});

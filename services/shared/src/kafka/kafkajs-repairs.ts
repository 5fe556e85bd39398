/** What is mended inside kafkajs itself, by being imported; connect.ts does, for the whole process. */
import { AsyncLocalStorage } from 'node:async_hooks';
import Broker from 'kafkajs/src/broker/index.js';
import ConsumerGroup from 'kafkajs/src/consumer/consumerGroup.js';
import Connection from 'kafkajs/src/network/connection.js';
import RequestQueue from 'kafkajs/src/network/requestQueue/index.js';
import { pause } from '../pause.ts';

/**
 * kafkajs looks every millisecond, for ever, whether a request waits on an idle connection, and asks for a timer in the
 * past by that, which Node 24 warns of. A request that has to wait calls this itself, so an empty queue needs no timer.
 */
const { scheduleCheckPendingRequests } = RequestQueue.prototype;
RequestQueue.prototype.scheduleCheckPendingRequests = function (this: RequestQueue) {
  if (this.pending.length > 0) scheduleCheckPendingRequests.call(this);
};

/**
 * kafkajs looks ten times a second, on every connection, for requests that were never answered: most of what an idle service
 * does. Requests are given seconds, so one look a second finds them soon enough.
 */
RequestQueue.prototype.scheduleRequestTimeoutCheck = function (this: RequestQueue) {
  if (!this.enforceRequestTimeout) return;
  this.destroy();
  this.requestTimeoutIntervalId = setInterval(() => {
    for (const request of this.inflight.values())
      if (Date.now() - request.sentAt > request.requestTimeout) request.timeoutRequest();
    if (!this.isConnected()) this.destroy();
  }, 1_000);
};

/**
 * kafkajs opens a socket for each request that finds no connection, uses the last one and forgets the others; and it
 * waits for ever when a broker hangs up during the handshake.
 */
const { connect } = Connection.prototype;
const connecting = new WeakMap<Connection, Promise<boolean>>();
Connection.prototype.connect = function (this: Connection) {
  const shared = connecting.get(this) ?? soon(connect.call(this), this).finally(() => connecting.delete(this));
  connecting.set(this, shared);
  return shared;
};

async function soon(connected: Promise<boolean>, { connectionTimeout }: Connection): Promise<boolean> {
  const done = new AbortController();
  const late = pause(connectionTimeout + 500, done.signal).then(() => undefined);
  const result = await Promise.race([connected, late]).finally(() => done.abort());
  if (result === undefined)
    throw Object.assign(new Error('Connection timeout'), { name: 'KafkaJSConnectionError', retriable: true });
  return result;
}

/** One call of `sendBatch`: what is asked before it writes to a broker, and what it has written. */
interface Writing {
  readonly beginWrite: () => void;
  readonly writes: Promise<unknown>[];
}

/**
 * kafkajs cannot be asked to give up a send, and when one broker has refused its part, it does not wait for the others. What is run
 * with this asks once there are connections to all leaders, before anything is written to one, and learns what was.
 */
export const writing = new AsyncLocalStorage<Writing>();
const { produce } = Broker.prototype;
Broker.prototype.produce = async function (this: Broker, request: object) {
  const { beginWrite, writes } = writing.getStore() ?? {};
  beginWrite?.();
  const answer = produce.call(this, request);
  writes?.push(answer);
  return await answer;
};

const idleWaitMs = 2_000;
const idleAfterMs = 10_000;
const waits = new WeakMap<ConsumerGroup, { readonly usualMs: number; busyAtMs: number }>();

/**
 * Asking for messages and sending heartbeats is most of what an idle consumer does, and kafkajs has one wait for all times.
 * Where nothing has come for long and nothing is paused, the broker may keep a request for longer: a message ends it at once,
 * as ever, and there is no partition that would have to wait for its end to be resumed. Heartbeats are sent between requests,
 * and by them a member hears of a rebalance; then it awaits the requests that other brokers still have. So this is also how long
 * such a member lets the others wait, and with several brokers twice as long.
 */
const { fetch } = ConsumerGroup.prototype;
ConsumerGroup.prototype.fetch = async function (this: ConsumerGroup, nodeId: number) {
  const wait = waits.get(this) ?? { usualMs: this.maxWaitTime, busyAtMs: performance.now() };
  waits.set(this, wait);
  if (this.paused().some(({ partitions }) => partitions.length > 0)) wait.busyAtMs = performance.now();
  const longestMs = Math.max(wait.usualMs, Math.min(idleWaitMs, this.sessionTimeout / 6));
  this.maxWaitTime = performance.now() - wait.busyAtMs >= idleAfterMs ? longestMs : wait.usualMs;
  const batches = await fetch.call(this, nodeId);
  if (batches.some(({ rawMessages }) => rawMessages.length > 0)) wait.busyAtMs = performance.now();
  return batches;
};

/**
 * Where a group's coordinator has moved and still loads, kafkajs gives up joining it and goes on as if it had joined: its
 * heartbeats reach the new coordinator, its commits go to the old one and are refused, for ever. A join that failed is the
 * end of a consumer instead; connect.ts hears of it, and another one joins.
 */
const { joinAndSync } = ConsumerGroup.prototype;
ConsumerGroup.prototype.joinAndSync = function (this: ConsumerGroup) {
  return joinAndSync.call(this).catch((error: Error) => {
    throw Object.assign(error, { retriable: false });
  });
};

/**
 * A commit that failed is tried again by kafkajs, in whatever generation the group is by then: it would set back partitions that
 * may be somebody else's, who does not commit again before the next message. What was first sent in another generation is over.
 */
const { commitOffsets } = ConsumerGroup.prototype;
const firstSentBy = new WeakMap<object, object>();
ConsumerGroup.prototype.commitOffsets = async function (this: ConsumerGroup, offsets: object) {
  // There is one for each generation.
  const { offsetManager } = this;
  if (!firstSentBy.has(offsets)) firstSentBy.set(offsets, offsetManager);
  if (firstSentBy.get(offsets) !== offsetManager)
    throw Object.assign(new Error('the group was joined anew'), { type: 'ILLEGAL_GENERATION', retriable: false });
  await commitOffsets.call(this, offsets);
};

import { describe, expect, it } from '@jest/globals';
import { type Condition, judge, type Resource } from './condition.ts';

function topic(conditions: readonly Condition[], generations: { asked?: number; seen?: number } = {}): Resource {
  const { asked = 1, seen = 1 } = generations;
  return {
    kind: 'KafkaTopic',
    metadata: { name: 'orders.created', generation: asked },
    status: { observedGeneration: seen, conditions },
  };
}

const ready: Condition = { type: 'Ready', status: 'True' };
const warning: Condition = { type: 'Warning', status: 'True', reason: 'KafkaStorage', message: 'is ephemeral' };

describe('a custom resource', () => {
  it('is ready when it says so, whatever it warns of', () => {
    expect(judge(topic([warning, ready])).state).toBe('ready');
  });

  it('is waited for while its status is about an older generation', () => {
    expect(judge(topic([ready], { asked: 2, seen: 1 })).state).toBe('waiting');
  });

  it('is waited for while it has no status, and its operator is named as the likely cause', () => {
    const fresh: Resource = { kind: 'Kafka', metadata: { name: 'shop', generation: 1 } };
    expect(judge(fresh)).toEqual({ state: 'waiting', because: expect.stringContaining('operator') });
  });

  it('is waited for while it is being created, which Strimzi tells by NotReady alone', () => {
    const creating: Condition = { type: 'NotReady', status: 'True', reason: 'Creating', message: 'Kafka is starting' };
    expect(judge(topic([creating]))).toEqual({ state: 'waiting', because: 'Creating: Kafka is starting' });
  });

  it('has failed when no waiting can help, in the words of its operator', () => {
    const refused: Condition = { type: 'Ready', status: 'False', reason: 'NotSupported', message: 'Fewer partitions' };
    expect(judge(topic([refused]))).toEqual({ state: 'failed', because: 'NotSupported: Fewer partitions' });
  });

  it('is waited for when its operator could not reach Kafka, as that may pass', () => {
    const unreachable: Condition = { type: 'Ready', status: 'False', reason: 'KafkaError', message: 'Timed out' };
    expect(judge(topic([unreachable]))).toEqual({ state: 'waiting', because: 'KafkaError: Timed out' });
  });

  it('tells the condition that has a cause when there are two', () => {
    const starting: Condition = { type: 'NotReady', status: 'True', reason: 'Creating' };
    const refused: Condition = {
      type: 'Ready',
      status: 'False',
      reason: 'InvalidResourceException',
      message: 'no acls',
    };
    expect(judge(topic([starting, refused]))).toEqual({
      state: 'failed',
      because: 'InvalidResourceException: no acls',
    });
  });

  it('is not ready while it is being deleted, though its last status says so', () => {
    const leaving = topic([ready]);
    const gone = { ...leaving, metadata: { ...leaving.metadata, deletionTimestamp: '2026-01-01T00:00:00Z' } };
    expect(judge(gone).state).toBe('waiting');
  });
});

import { type Counter, counter, type Gauge, gauge, type Histogram, histogram, type Registry } from '../metrics.ts';

type Consumer = 'group' | 'topic';

export interface ConsumerMetrics {
  readonly messages: Counter<Consumer | 'outcome'>;
  readonly handlerSeconds: Histogram<Consumer>;
  readonly busySeconds: Counter<Consumer>;
  readonly concurrency: Gauge<Consumer>;
  readonly inFlight: Gauge<Consumer>;
  readonly uncommitted: Gauge<Consumer | 'partition'>;
  readonly pauses: Counter<Consumer | 'reason'>;
  readonly pausedPartitions: Gauge<Consumer | 'reason'>;
  readonly deadLetters: Counter<Consumer | 'code'>;
  readonly rebalances: Counter<Consumer>;
  readonly rebalanceSeconds: Histogram<Consumer>;
  readonly commitFailures: Counter<Consumer>;
  /** What is in hand of these partitions is read at each scrape. */
  readonly watch: (labels: Record<Consumer, string>, partitions: () => Iterable<InHand>) => void;
}

interface InHand {
  readonly partition: number;
  readonly tracker: { readonly inFlight: () => number; readonly uncommittable: () => number };
}

const outcomes = ['applied', 'duplicate', 'dead-lettered', 'not-for-us'];
const pauseReasons = ['outage', 'backlog'];

const perRegistry = new WeakMap<Registry, ConsumerMetrics>();

/** One set of metrics per registry, however many consumers a process has; labels tell them apart. */
export function consumerMetrics(registry: Registry): ConsumerMetrics {
  const known = perRegistry.get(registry);
  if (known) return known;
  const metrics = register(registry);
  perRegistry.set(registry, metrics);
  return metrics;
}

function register(registry: Registry): ConsumerMetrics {
  const consumer: Consumer[] = ['group', 'topic'];
  const watched: { labels: Record<Consumer, string>; partitions: () => Iterable<InHand> }[] = [];
  const messages = counter(
    registry,
    'consumer_messages_total',
    'Messages finished, by outcome: applied, duplicate (absorbed), dead-lettered or not-for-us (a replay for another group)',
    [...consumer, 'outcome'],
  );
  const pauses = counter(
    registry,
    'consumer_pauses_total',
    'How often a partition was paused: outage (a dependency is down) or backlog (enough is waiting here)',
    [...consumer, 'reason'],
  );
  const rebalanceSeconds = histogram(
    registry,
    'consumer_rebalance_seconds',
    'How long a rebalance kept the consumer from fetching: from when it heard of it until it had joined anew',
    consumer,
  );
  const commitFailures = counter(
    registry,
    'consumer_commit_failures_total',
    'Commits that failed; their messages may be delivered again',
    consumer,
  );
  const pausedPartitions = gauge(registry, 'consumer_paused_partitions', 'Partitions that are paused now, by reason', [
    ...consumer,
    'reason',
  ]);
  return {
    watch(labels, partitions) {
      watched.push({ labels, partitions });
      // A rate sees the first event only where a 0 stood before it.
      for (const outcome of outcomes) messages.inc({ ...labels, outcome }, 0);
      for (const reason of pauseReasons) {
        pauses.inc({ ...labels, reason }, 0);
        pausedPartitions.inc({ ...labels, reason }, 0);
      }
      commitFailures.inc(labels, 0);
      rebalanceSeconds.zero(labels);
    },
    messages,
    pauses,
    handlerSeconds: histogram(registry, 'consumer_handler_seconds', 'Duration of one attempt of a handler', consumer),
    busySeconds: counter(
      registry,
      'consumer_busy_seconds_total',
      'Time spent in handlers, summed over those that run at once; its rate divided by consumer_concurrency is how busy the consumer is',
      consumer,
    ),
    concurrency: gauge(registry, 'consumer_concurrency', 'How many handlers may run at once', consumer),
    inFlight: gauge(
      registry,
      'consumer_in_flight',
      'Messages taken from Kafka and not finished',
      consumer,
      (inFlight) => {
        for (const { labels, partitions } of watched)
          inFlight.set(
            labels,
            [...partitions()].reduce((sum, { tracker }) => sum + tracker.inFlight(), 0),
          );
      },
    ),
    uncommitted: gauge(
      registry,
      'consumer_uncommitted_span',
      'Messages taken and not committable, because they or one before them are unfinished',
      [...consumer, 'partition'],
      (uncommitted) => {
        // Partitions that went to another member must not stay on the page.
        uncommitted.reset();
        for (const { labels, partitions } of watched)
          for (const { partition, tracker } of partitions())
            uncommitted.set({ ...labels, partition }, tracker.uncommittable());
      },
    ),
    pausedPartitions,
    deadLetters: counter(registry, 'consumer_dead_letters_total', 'Messages dead-lettered, by error code', [
      ...consumer,
      'code',
    ]),
    rebalances: counter(registry, 'consumer_rebalances_total', 'How often the group was joined', consumer),
    rebalanceSeconds,
    commitFailures,
  };
}

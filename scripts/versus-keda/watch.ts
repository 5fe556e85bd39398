import { AppsV1Api, KubeConfig } from '@kubernetes/client-node';
import type { Admin, PartitionOffsets } from '../../services/shared/src/kafka/admin.ts';
import { Backlog } from './backlog.ts';
import type { Sample } from './figures.ts';

/** What is sent to one side, and seen of it. Times are seconds since its load began. */
export class Seen {
  readonly samples: Sample[] = [];
  /** By partition and offset. */
  readonly sentAt: readonly number[][];
  readonly backlog: Backlog;

  constructor(partitions: number) {
    this.sentAt = Array.from({ length: partitions }, () => []);
    this.backlog = new Backlog(this.sentAt);
  }
}

export interface Watching {
  readonly namespace: string;
  readonly admin: Admin;
  /** Of the group, its topic and its Deployment. */
  readonly name: string;
  readonly seen: Seen;
  /** Seconds since its load began. */
  readonly now: () => number;
}

/** Looks at one side from outside: what is asked for and ready by the API server, what is committed and who is a member by Kafka. */
export function watcher({ namespace, admin, name, seen, now }: Watching): () => Promise<void> {
  const config = new KubeConfig();
  config.loadFromDefault();
  const apps = config.makeApiClient(AppsV1Api);
  return async () => {
    const [{ spec, status }, { state, members }, offsets] = await Promise.all([
      apps.readNamespacedDeployment({ namespace, name }),
      admin.describeGroup(name),
      admin.offsets(name, name),
    ]);
    const at = now();
    seen.backlog.commit(committedIn(offsets), at);
    seen.samples.push({
      at,
      desired: spec?.replicas ?? 0,
      ready: status?.readyReplicas ?? 0,
      lag: seen.backlog.messages,
      ageSeconds: seen.backlog.ageSeconds(at),
      state,
      members: members.length,
    });
  };
}

function committedIn(offsets: readonly PartitionOffsets[]): ReadonlyMap<number, bigint> {
  return new Map(
    offsets.flatMap(({ partition, committed }) => (committed === undefined ? [] : [[partition, committed]])),
  );
}

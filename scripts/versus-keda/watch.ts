import { AppsV1Api, KubeConfig } from '@kubernetes/client-node';
import type { Admin } from '../../services/shared/src/kafka/admin.ts';
import { Backlog } from './backlog.ts';
import type { Sample } from './figures.ts';

/** What is seen of one side. */
export interface Seen {
  readonly group: string;
  readonly samples: Sample[];
  readonly backlog: Backlog;
}

export interface Watching {
  readonly namespace: string;
  readonly admin: Admin;
  readonly topics: ReadonlyMap<string, string>;
  readonly sentAt: readonly number[][];
  /** Seconds since the load began. */
  readonly now: () => number;
}

/** Looks at all sides from outside: what is asked for and ready by the API server, what is committed and who is a member by Kafka. */
export function watcher({ namespace, admin, topics, sentAt, now }: Watching): {
  readonly seen: readonly Seen[];
  readonly look: () => Promise<void>;
} {
  const config = new KubeConfig();
  config.loadFromDefault();
  const apps = config.makeApiClient(AppsV1Api);
  const seen = [...topics.keys()].map((group) => ({ group, samples: [] as Sample[], backlog: new Backlog(sentAt) }));

  const counts = async () => {
    const { items } = await apps.listNamespacedDeployment({ namespace });
    return new Map(
      items.map(({ metadata, spec, status }) => [
        metadata?.name,
        { desired: spec?.replicas ?? 0, ready: status?.readyReplicas ?? 0 },
      ]),
    );
  };

  const look = async () => {
    const [deployments, groups] = await Promise.all([counts(), admin.describeGroups([...topics.keys()])]);
    await Promise.all(
      seen.map(async ({ group, samples, backlog }) => {
        const topic = topics.get(group) as string;
        const committed = (await admin.committed(group, [topic])).get(topic);
        const at = now();
        backlog.commit(committed ?? new Map(), at);
        const { desired = 0, ready = 0 } = deployments.get(group) ?? {};
        const { state = 'Dead', members = [] } = groups.get(group) ?? {};
        const ageSeconds = backlog.ageSeconds(at);
        samples.push({ at, desired, ready, lag: backlog.messages, ageSeconds, state, members: members.length });
      }),
    );
  };
  return { seen, look };
}

import { Resolver } from 'node:dns/promises';

/** The addresses of a Service, sorted: of a headless one those of its ready pods, without a right to read pods. */
export type AddressesOf = (service: string, namespace: string) => Promise<readonly string[]>;

interface LookupOptions {
  readonly clusterDomain: string;
  /** Name servers as `IP:PORT`; by default those of the system. */
  readonly servers?: readonly string[];
  /** A name server that is away would hold a round for as long as it is asked. */
  readonly timeoutMs?: number;
}

/** What is lost on the way is asked for again after this, then after twice this, until time is up. */
const firstTryMs = 500;
const tries = 4;

/** No name server has answered: each try had its time, or all of them together. */
const silent = new Set(['ETIMEOUT', 'ECANCELLED']);
/** CoreDNS answers so for no such Service as well as for one without ready pods. */
const absent = new Set(['ENOTFOUND', 'ENODATA']);

/**
 * Asks the name servers itself. `dns.lookup` waits on the thread pool, where two names that nobody answers for leave no thread
 * to look Kafka's brokers up. It would also try every `search` domain; the full name is known here. A name that is being looked
 * up is not asked for again.
 */
export function serviceAddresses({ clusterDomain, servers, timeoutMs = 2_000 }: LookupOptions): AddressesOf {
  const underWay = new Map<string, Promise<readonly string[]>>();

  const ask = async (name: string) => {
    // One for each name: to cancel is to cancel all that it was asked.
    const resolver = new Resolver({ timeout: firstTryMs, tries });
    if (servers) resolver.setServers(servers);
    const deadline = setTimeout(() => resolver.cancel(), timeoutMs);
    try {
      const [four, six] = await Promise.allSettled([resolver.resolve4(name), resolver.resolve6(name)]);
      // Pods that have both are read once.
      if (four.status === 'fulfilled') return four.value.toSorted();
      if (six.status === 'fulfilled') return six.value.toSorted();
      const reasons: NodeJS.ErrnoException[] = [four.reason, six.reason];
      if (reasons.some(({ code = '' }) => silent.has(code)))
        throw new Error(`no name server has answered for ${name} within ${timeoutMs} ms`);
      const failure = reasons.find(({ code = '' }) => !absent.has(code));
      if (failure) throw failure;
      throw new Error(`${name} has no address: there is no such Service, or none of its pods is ready`);
    } finally {
      clearTimeout(deadline);
    }
  };

  return (service, namespace) => {
    const name = `${service}.${namespace}.svc.${clusterDomain}`;
    const asked = underWay.get(name) ?? ask(name).finally(() => underWay.delete(name));
    underWay.set(name, asked);
    return asked;
  };
}

/** As the kubelet writes it into a pod's resolv.conf: `search NAMESPACE.svc.DOMAIN svc.DOMAIN DOMAIN`. */
export function clusterDomainOf(resolvConf: string): string {
  // As for the system, the last such line counts.
  const search = resolvConf.split('\n').findLast((line) => /^search\s/.test(line)) ?? '';
  // The namespace of a pod may be called svc as well.
  const domain = search.split(/\s+/).find((entry) => entry.startsWith('svc.') && !entry.startsWith('svc.svc.'));
  return domain?.slice('svc.'.length).replace(/\.$/, '') ?? 'cluster.local';
}

/** Whether a custom resource is what it was asked to be, read from its status. Pure. */

export interface Condition {
  readonly type: string;
  readonly status: string;
  readonly reason?: string;
  readonly message?: string;
}

/** A resource as the API server answers it; only what is read here. */
export interface Resource {
  readonly kind: string;
  readonly metadata: { readonly name: string; readonly generation?: number; readonly deletionTimestamp?: string };
  readonly status?: { readonly observedGeneration?: number; readonly conditions?: readonly Condition[] };
}

export interface Verdict {
  readonly state: 'ready' | 'waiting' | 'failed';
  /** One line for a person: what is waited for, or what is wrong. */
  readonly because: string;
}

/** Waiting does not cure these; anything else may be a start in progress. */
const lastingReasons = new Set([
  'InvalidConfigurationException',
  'InvalidResourceException',
  'NotSupported',
  'NotSupportedByStandIn',
  'ResourceConflict',
]);

/**
 * Judges by the conditions `Ready`, and `NotReady` where Strimzi has no `Ready` yet. A status of an older generation
 * says nothing about what was applied last, so it only means waiting.
 */
export function judge(resource: Resource): Verdict {
  const { metadata, status } = resource;
  if (metadata.deletionTimestamp !== undefined) return { state: 'waiting', because: 'is being deleted' };
  const conditions = status?.conditions ?? [];
  if (conditions.length === 0) return { state: 'waiting', because: 'has no status yet: is its operator running?' };
  if (isOutdated(resource)) return { state: 'waiting', because: 'its last change was not seen by its operator yet' };
  if (conditions.some(({ type, status: value }) => type === 'Ready' && value === 'True'))
    return { state: 'ready', because: 'Ready' };
  const cause = causeOf(conditions);
  if (cause === undefined) return { state: 'waiting', because: 'is not Ready, and does not say why' };
  const because = [cause.reason, cause.message].filter(Boolean).join(': ') || 'is not Ready';
  return { state: lastingReasons.has(cause.reason ?? '') ? 'failed' : 'waiting', because };
}

function isOutdated({ metadata, status }: Resource): boolean {
  const { generation } = metadata;
  return generation !== undefined && (status?.observedGeneration ?? generation) < generation;
}

/** The one with a reason, if there is any: a stand-in or a newer Strimzi may give both. */
function causeOf(conditions: readonly Condition[]): Condition | undefined {
  const faults = conditions.filter(
    ({ type, status }) => (type === 'Ready' && status !== 'True') || (type === 'NotReady' && status === 'True'),
  );
  return faults.find(({ reason }) => reason !== undefined && reason !== 'Creating') ?? faults[0];
}

/** `KafkaTopic/orders.created`, as people name it. */
export function nameOf({ kind, metadata }: Resource): string {
  return `${kind}/${metadata.name}`;
}

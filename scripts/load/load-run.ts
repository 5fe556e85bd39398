/** How an order was answered; `unanswered` after the last attempt leaves open whether it was placed. */
export type Placement =
  | { readonly kind: 'accepted'; readonly id: string }
  | { readonly kind: 'refused'; readonly detail: string }
  | { readonly kind: 'unanswered'; readonly detail: string };

export interface Decision {
  /** The status on the wire. */
  readonly word: string;
  /** From acceptance to decision, by the clock of orders itself: asking late does not lengthen it. */
  readonly tookMs: number;
}

export interface LoadPlan {
  readonly orders: number;
  /** Orders per second. */
  readonly rate: number;
  /** At most so many requests that place an order are under way at once. */
  readonly concurrency: number;
  /** At most so many orders are waited for at once. */
  readonly watchers: number;
  /** When all are placed and none was decided for this long, those that are undecided are lost. */
  readonly timeoutMs: number;
}

export interface LoadPorts {
  /** Places the order with this number; retries by itself as long as that may help. Never rejects. */
  readonly place: (number: number) => Promise<Placement>;
  /** Answers when the order is decided, `undefined` if it is not after some seconds. Never rejects. */
  readonly decision: (id: string) => Promise<Decision | undefined>;
  readonly nowMs: () => number;
  readonly sleep: (ms: number) => Promise<void>;
}

export interface LoadState {
  accepted: number;
  refused: number;
  unanswered: number;
  decided: number;
  /** What orders said the first time it refused one, or did not answer. */
  firstFault: string | undefined;
  /** From the moment an order was due to its answer, so that a queue in front of orders counts. */
  readonly acceptMs: number[];
  readonly decisions: Map<string, Decision>;
  /** In the order of their acceptance. */
  readonly ids: string[];
  placingMs: number;
}

export function newLoadState(): LoadState {
  return {
    accepted: 0,
    refused: 0,
    unanswered: 0,
    decided: 0,
    firstFault: undefined,
    acceptMs: [],
    decisions: new Map(),
    ids: [],
    placingMs: 0,
  };
}

/**
 * Places orders at a constant rate, whether or not earlier ones were answered, and waits until each is decided.
 * `state` is kept up to date meanwhile.
 */
export async function runLoad(plan: LoadPlan, ports: LoadPorts, state: LoadState): Promise<void> {
  const undecided: string[] = [];
  const startedAt = ports.nowMs();
  let next = 0;
  let isPlaced = false;
  let deadline = Number.POSITIVE_INFINITY;

  async function placeAll(): Promise<void> {
    while (next < plan.orders) {
      const number = next;
      next += 1;
      const dueAt = startedAt + (number / plan.rate) * 1_000;
      const early = dueAt - ports.nowMs();
      if (early > 0) await ports.sleep(early);
      note(await ports.place(number), dueAt);
    }
  }

  function note(placement: Placement, dueAt: number): void {
    if (placement.kind === 'accepted') {
      state.acceptMs.push(ports.nowMs() - dueAt);
      state.ids.push(placement.id);
      undecided.push(placement.id);
    } else state.firstFault ??= placement.detail;
    state[placement.kind] += 1;
  }

  async function watch(): Promise<void> {
    while (ports.nowMs() < deadline && (undecided.length > 0 || !isPlaced)) {
      const id = undecided.shift();
      if (id === undefined) await ports.sleep(20);
      else await watchOne(id);
    }
  }

  async function watchOne(id: string): Promise<void> {
    const decision = await ports.decision(id);
    if (decision === undefined) {
      undecided.push(id);
      return;
    }
    state.decisions.set(id, decision);
    state.decided += 1;
    if (isPlaced) deadline = ports.nowMs() + plan.timeoutMs;
  }

  const placing = Promise.all(Array.from({ length: plan.concurrency }, placeAll)).then(() => {
    state.placingMs = ports.nowMs() - startedAt;
    isPlaced = true;
    deadline = ports.nowMs() + plan.timeoutMs;
  });
  await Promise.all([placing, ...Array.from({ length: plan.watchers }, watch)]);
}

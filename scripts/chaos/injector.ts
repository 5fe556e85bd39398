/** Does to the shop what was planned, and keeps the record of it. */
import { setTimeout as sleep } from 'node:timers/promises';
import type { Fault, PlannedFault } from './fault-plan.ts';
import type { Recorder } from './history-file.ts';
import type { Link } from './link.ts';
import type { Replica } from './replicas.ts';
import type { Shop } from './shop.ts';
import type { Passage } from './wire/passage.ts';

const acknowledged = ({ direction, operation }: Passage) => direction === 'answer' && operation === 'Produce';

export class Injector {
  /** How many faults took place; one that found nobody to hit is not counted. */
  count = 0;
  readonly #shop: Shop;
  readonly #record: Recorder;
  readonly #underWay = new Set<Promise<void>>();
  /** One at a time for each server, or a restart would meet a restart. */
  readonly #busy = new Map<string, Promise<void>>();

  constructor(shop: Shop, record: Recorder) {
    this.#shop = shop;
    this.#record = record;
  }

  /** Resolves when every fault has taken place and is over. */
  async run(plan: readonly PlannedFault[]): Promise<void> {
    const startedAt = performance.now();
    for (const planned of plan) {
      await sleep(Math.max(0, startedAt + planned.atMs - performance.now()));
      const work = this.#inject(planned).finally(() => this.#underWay.delete(work));
      this.#underWay.add(work);
    }
    await Promise.all(this.#underWay);
  }

  #begin(fault: Fault, target: string): void {
    this.count += 1;
    this.#record({ kind: 'fault', fault, target });
  }

  #end(fault: Fault, target: string): void {
    this.#record({ kind: 'fault', fault: `${fault} is over`, target });
  }

  async #inject({ fault, pick, forMs }: PlannedFault): Promise<void> {
    if (fault === 'kill') return this.#kill(pick);
    if (fault === 'freeze') return this.#freeze(pick, forMs);
    if (fault === 'scale-up' || fault === 'scale-down') return this.#scale(fault);
    if (fault === 'broker-kill') return this.#broker(fault, pick, (broker) => this.#shop.kill(broker));
    if (fault === 'queue-kill') return this.#killQueue();
    if (fault === 'broker-restart') return this.#broker(fault, pick, (broker) => this.#shop.restart(broker, forMs));
    if (fault === 'broker-freeze') return this.#broker(fault, pick, (broker) => this.#shop.freeze(broker, forMs));
    if (fault === 'database-restart') return this.#server(fault, 'MongoDB', () => this.#shop.restart('MongoDB', forMs));
    return this.#disturb(fault, pick, forMs);
  }

  #running(pick: number): Replica | undefined {
    const { running } = this.#shop;
    return running[Math.floor(pick * running.length)];
  }

  async #kill(pick: number): Promise<void> {
    const victim = this.#running(pick);
    if (victim && this.#shop.signal(victim.name, 'SIGKILL')) this.#begin('kill', victim.name);
  }

  async #freeze(pick: number, forMs: number): Promise<void> {
    const victim = this.#running(pick);
    if (!victim) return;
    this.#begin('freeze', victim.name);
    await this.#shop.freeze(victim.name, forMs);
    this.#end('freeze', victim.name);
  }

  async #killQueue(): Promise<void> {
    if (this.#shop.pid('RabbitMQ') === undefined) return;
    await this.#server('queue-kill', 'RabbitMQ', () => this.#shop.kill('RabbitMQ'));
  }

  #scale(fault: 'scale-up' | 'scale-down'): Promise<void> {
    const count = fault === 'scale-up' ? this.#shop.payments.length : 1;
    return this.#server(fault, 'payments', () => this.#shop.scale(count));
  }

  /** One broker at a time: two of three that are away move no leader, they are an outage. */
  #broker(fault: Fault, pick: number, work: (broker: string) => Promise<void>): Promise<void> {
    const { brokers } = this.#shop;
    const target = brokers[Math.floor(pick * brokers.length)] as string;
    return this.#server(fault, target, () => work(target), 'Kafka');
  }

  async #server(fault: Fault, target: string, work: () => Promise<void>, turnOf = target): Promise<void> {
    const before = this.#busy.get(turnOf);
    const turn = (async () => {
      await before;
      this.#begin(fault, target);
      await work();
      this.#end(fault, target);
    })();
    this.#busy.set(turnOf, turn);
    await turn;
  }

  async #disturb(fault: Fault, pick: number, forMs: number): Promise<void> {
    const links = this.#shop.running.flatMap((replica) => Object.values(replica.links).flat());
    const candidates = fault === 'lost-acknowledgement' ? links.filter(({ name }) => isPublishing(name)) : links;
    const link = candidates[Math.floor(pick * candidates.length)];
    if (!link) return;
    if (fault === 'lost-acknowledgement') return this.#loseAcknowledgement(link, forMs);
    this.#begin(fault, link.name);
    if (fault === 'reset') return link.reset();
    const apply = (isOn: boolean) => (fault === 'delay' ? link.delay(isOn ? 200 : 0) : link.blackHole(isOn));
    apply(true);
    await sleep(forMs);
    apply(false);
    this.#end(fault, link.name);
  }

  async #loseAcknowledgement(link: Link, patienceMs: number): Promise<void> {
    const lost = link.loseNext(acknowledged).then(() => this.#begin('lost-acknowledgement', link.name));
    await Promise.race([lost, sleep(patienceMs)]);
    link.loseNothing();
  }
}

function isPublishing(link: string): boolean {
  return /^orders.* Kafka-\d$/.test(link);
}

import { describe, expect, it } from '@jest/globals';
import { behaviour, type Operation, Simulation } from './simulation.ts';

const simulationOf = (given: unknown) => new Simulation(behaviour.parse(given));

const kindsOf = (simulation: Simulation, count: number, operation: Operation = 'charge') =>
  Array.from({ length: count }, () => simulation.draw(operation).fault?.kind);

describe('the simulation', () => {
  it('lets everything work when nothing is asked for', () => {
    expect(simulationOf({}).draw('charge')).toEqual({ delayMs: 0, fault: undefined });
  });

  it('strikes as often as remaining says, and counts it down', () => {
    const simulation = simulationOf({
      faults: [
        { kind: 'timeout', remaining: 2 },
        { kind: 'error-500', remaining: 1 },
      ],
    });
    expect(kindsOf(simulation, 5)).toEqual(['timeout', 'timeout', 'error-500', undefined, undefined]);
    expect(simulation.behaviour.faults.map(({ remaining }) => remaining)).toEqual([0, 0]);
  });

  it('strikes only the operations it is for', () => {
    const simulation = simulationOf({ faults: [{ kind: 'error-503', on: ['refund', 'read'] }] });
    expect(kindsOf(simulation, 1, 'charge')).toEqual([undefined]);
    expect(kindsOf(simulation, 1, 'refund')).toEqual(['error-503']);
    expect(kindsOf(simulation, 1, 'read')).toEqual(['error-503']);
  });

  it('does the same again for the same seed, after each replacement, and something else for another', () => {
    const asked = { faults: [{ kind: 'lost-answer', rate: 0.3 }], jitterMs: 100, seed: 7 };
    const simulation = simulationOf(asked);
    const first = Array.from({ length: 100 }, () => simulation.draw('charge'));
    simulation.replace(behaviour.parse(asked));
    expect(Array.from({ length: 100 }, () => simulation.draw('charge'))).toEqual(first);
    expect(kindsOf(simulationOf({ ...asked, seed: 8 }), 100)).not.toEqual(first.map(({ fault }) => fault?.kind));
  });

  it('strikes at about the rate that is asked for', () => {
    const struck = kindsOf(simulationOf({ faults: [{ kind: 'slow', rate: 0.2 }] }), 5_000).filter(Boolean).length;
    expect(struck).toBeGreaterThan(880);
    expect(struck).toBeLessThan(1_120);
  });

  it('adds latency, jitter and slowness up', () => {
    const simulation = simulationOf({ latencyMs: 10, jitterMs: 5, faults: [{ kind: 'slow', ms: 100, remaining: 1 }] });
    const [slow, normal] = [simulation.draw('charge').delayMs, simulation.draw('charge').delayMs];
    expect(slow).toBeGreaterThanOrEqual(110);
    expect(slow).toBeLessThanOrEqual(115);
    expect(normal).toBeGreaterThanOrEqual(10);
    expect(normal).toBeLessThanOrEqual(15);
  });
});

import { readFile } from 'node:fs/promises';
import { controllerNamed, usualControllers } from '../../services/lag-controller/src/simulator/catalog.ts';
import type { Scenario } from '../../services/lag-controller/src/simulator/scenario.ts';
import { parseScenarios } from '../../services/lag-controller/src/simulator/scenario-file.ts';
import { builtInScenarios, type Setting, usualSetting } from '../../services/lag-controller/src/simulator/scenarios.ts';
import { SetupError } from '../embedded/setup-error.ts';
import type { Job } from './run-jobs.ts';

const grid = {
  partitions: [6, 12, 24, 50],
  messagesPerSecondPerReplica: [45, 80, 120],
  rebalanceSeconds: [2, 5, 15],
};

/** What was asked for on the command line. */
export interface Wishes {
  readonly scenarios?: string;
  readonly seeds?: string;
  readonly controllers?: string;
  readonly grid?: boolean;
  readonly partitions?: string;
  readonly plot?: string;
  readonly record?: boolean;
}

/** Runs that are compared with each other. */
export interface Comparison {
  readonly title: string;
  /** Of the built-in scenarios. */
  readonly setting?: Setting;
  readonly jobs: readonly Job[];
}

/**
 * What to run, in the order it is to be told.
 * @throws SetupError or DomainError `invalid`, with one sentence that names the flag, or the field in the file
 */
export async function planSimulations(wishes: Wishes): Promise<Comparison[]> {
  const { scenarios: file, grid: isGrid = false } = wishes;
  if (isGrid && wishes.plot !== undefined) throw new SetupError('--grid has no picture: leave --plot out.');
  if (isGrid && file !== undefined) throw new SetupError('--grid plays the built-in scenarios: leave --scenarios out.');
  if (wishes.record && !isGrid) throw new SetupError('--record is of the grid: add --grid.');
  if (wishes.partitions !== undefined && !isGrid)
    throw new SetupError('--partitions chooses from the grid: add --grid.');
  const seeds = seedsOf(wishes.seeds ?? (isGrid ? '1' : '1,2,3'));
  const controllers = controllersFor(wishes);
  if (file !== undefined) {
    const given = await scenariosOf(file);
    return [{ title: `Scenarios of ${file}`, jobs: jobsOf(seeds, () => given, controllers) }];
  }
  return (isGrid ? gridSettings(wishes.partitions) : [usualSetting]).map((setting) => ({
    title: titleOf(setting),
    setting,
    jobs: jobsOf(seeds, (seed) => builtInScenarios(seed, setting), controllers),
  }));
}

function titleOf({ partitions, messagesPerSecondPerReplica, rebalanceSeconds }: Setting): string {
  return `${partitions} partitions, ${messagesPerSecondPerReplica} messages/s per replica, rebalances of ${rebalanceSeconds} s`;
}

function controllersFor({ controllers }: Wishes): (scenario: Scenario) => string[] {
  const chosen = controllers === undefined ? undefined : controllersOf(controllers);
  return ({ partitions }) => chosen ?? usualControllers(partitions);
}

function jobsOf(
  seeds: readonly number[],
  scenarios: (seed: number) => readonly Scenario[],
  controllers: (scenario: Scenario) => readonly string[],
): Job[] {
  return seeds.flatMap((seed) =>
    scenarios(seed).map((scenario) => ({ scenario, seed, controllers: controllers(scenario) })),
  );
}

function listOf(flag: string, raw: string): string[] {
  const items = raw.split(',').map((item) => item.trim());
  if (items.includes('')) throw new SetupError(`--${flag} must be a list such as a,b, but is ${JSON.stringify(raw)}.`);
  return items;
}

function seedsOf(raw: string): number[] {
  return listOf('seeds', raw).map((seed) => {
    if (!/^\d{1,9}$/.test(seed))
      throw new SetupError(`--seeds must be whole numbers, but has ${JSON.stringify(seed)}.`);
    return Number(seed);
  });
}

function controllersOf(raw: string): string[] {
  return listOf('controllers', raw).map((name) => {
    if (!controllerNamed(name))
      throw new SetupError(`--controllers names ${JSON.stringify(name)}, which is none: see --help.`);
    return name;
  });
}

function partitionsOf(raw: string): number[] {
  const chosen = listOf('partitions', raw);
  const unknown = chosen.find((count) => !grid.partitions.map(String).includes(count));
  if (unknown !== undefined)
    throw new SetupError(`--partitions must be of ${grid.partitions}, but has ${JSON.stringify(unknown)}.`);
  return grid.partitions.filter((count) => chosen.includes(String(count)));
}

async function scenariosOf(file: string): Promise<Scenario[]> {
  const text = await readFile(file, 'utf8').catch((error: Error) => {
    throw new SetupError(`--scenarios can't be read: ${error.message}.`);
  });
  return parseScenarios(text);
}

function gridSettings(partitionCounts: string | undefined): Setting[] {
  const chosen = partitionCounts === undefined ? grid.partitions : partitionsOf(partitionCounts);
  return chosen.flatMap((partitions) =>
    grid.messagesPerSecondPerReplica.flatMap((messagesPerSecondPerReplica) =>
      grid.rebalanceSeconds.map((rebalanceSeconds) => ({ partitions, messagesPerSecondPerReplica, rebalanceSeconds })),
    ),
  );
}

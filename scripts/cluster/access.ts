/** kubectl, helm and kind, for one cluster. */
import { type ChildProcessByStdio, spawn } from 'node:child_process';
import { join } from 'node:path';
import type { Readable } from 'node:stream';
import { $ } from 'zx';
import { SetupError } from '../embedded/setup-error.ts';
import type { ExistingCluster } from './plan.ts';

const root = join(import.meta.dirname, '../..');

export interface Answer {
  readonly isDone: boolean;
  readonly output: string;
  /** Standard error, or standard output where that is empty. */
  readonly complaint: string;
}

export interface RunOptions {
  readonly input?: string;
  readonly env?: NodeJS.ProcessEnv;
}

/** Runs a program in the project's folder, quietly. A failure is an answer. */
export async function attempt(program: string, args: readonly string[], options: RunOptions = {}): Promise<Answer> {
  const { input = '', env = process.env } = options;
  const { exitCode, stdout, stderr } = await $({
    cwd: root,
    env,
    input,
    nothrow: true,
    quiet: true,
  })`${program} ${args}`;
  return { isDone: exitCode === 0, output: stdout, complaint: (stderr.trim() || stdout.trim()).slice(-4_000) };
}

/** @throws SetupError with the program's own words when it fails */
export async function must(program: string, args: readonly string[], options: RunOptions = {}): Promise<string> {
  const { isDone, output, complaint } = await attempt(program, args, options);
  if (!isDone) throw new SetupError(`${program} ${args.join(' ')} failed:\n${complaint}`);
  return output;
}

/** A cluster that can be reached, and the namespace that is worked in. */
export class Access {
  readonly namespace: string;
  readonly #env: NodeJS.ProcessEnv;
  readonly #kubeconfig: string | undefined;
  readonly #context: string | undefined;

  constructor({ kubeconfig, context }: ExistingCluster, namespace: string) {
    this.namespace = namespace;
    this.#env = { ...process.env, ...(kubeconfig !== undefined && { KUBECONFIG: kubeconfig }) };
    this.#kubeconfig = kubeconfig;
    this.#context = context;
  }

  /** @throws SetupError */
  kubectl(args: readonly string[], input = ''): Promise<string> {
    return must('kubectl', this.#inContext('--context', args), { env: this.#env, input });
  }

  /** @throws SetupError */
  helm(args: readonly string[]): Promise<string> {
    return must('helm', this.#inContext('--kube-context', args), { env: this.#env });
  }

  /** Which cluster and namespace this is, for a person to see before anything happens to them. @throws SetupError */
  async place(): Promise<string> {
    const path = 'jsonpath={.clusters[0].cluster.server}';
    const server = await this.kubectl(['config', 'view', '--minify', '-o', path]);
    return `At ${server.trim()}, namespace ${this.namespace}`;
  }

  /** A command as a person types it to do the same to this cluster. */
  typed(program: 'helm' | 'kubectl', args: readonly string[]): string {
    const inContext = this.#inContext(program === 'helm' ? '--kube-context' : '--context', args);
    const configured = this.#kubeconfig === undefined ? '' : `KUBECONFIG='${this.#kubeconfig}' `;
    return `${configured}${program} ${inContext.join(' ')}`;
  }

  /** Whether a release is there, in whatever state. */
  async hasRelease(name: string, namespace: string): Promise<boolean> {
    return (
      await attempt('helm', this.#inContext('--kube-context', ['status', name, '-n', namespace]), { env: this.#env })
    ).isDone;
  }

  async has(kind: string, name: string): Promise<boolean> {
    return (await this.kubectl(['get', kind, name, '-o', 'name', '--ignore-not-found'])).trim() !== '';
  }

  /** As JSON of the API server; `selector` is kubectl's. Empty where the kind is unknown. */
  async list<T>(kind: string, where: readonly string[] = ['-n', this.namespace]): Promise<T[]> {
    const args = this.#inContext('--context', ['get', kind, '-o', 'json', ...where]);
    const { isDone, output, complaint } = await attempt('kubectl', args, { env: this.#env });
    if (isDone) return (JSON.parse(output) as { items: T[] }).items;
    if (complaint.includes("doesn't have a resource type")) return [];
    throw new SetupError(`kubectl ${args.join(' ')} failed:\n${complaint}`);
  }

  /** Applies what a kustomization makes, in our namespace unless it names another, and answers how many resources that are. */
  async apply(folder: string): Promise<number> {
    const manifests = await this.kubectl(['kustomize', folder]);
    return this.applyText(manifests);
  }

  async applyText(manifests: string): Promise<number> {
    const lines = await this.kubectl(['apply', '-n', this.namespace, '--validate=strict', '-f', '-'], manifests);
    return lines.trim().split('\n').length;
  }

  /** A kubectl that goes on, by itself: zx would put a shell between, which does not pass signals on. */
  start(args: readonly string[]): ChildProcessByStdio<null, null, Readable> {
    return spawn('kubectl', this.#inContext('--context', args), {
      cwd: root,
      env: this.#env,
      stdio: ['ignore', 'ignore', 'pipe'],
    });
  }

  #inContext(flag: string, args: readonly string[]): readonly string[] {
    return this.#context === undefined ? args : [flag, this.#context, ...args];
  }
}

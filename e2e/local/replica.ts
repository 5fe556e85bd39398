import {
  type Environment,
  type Exit,
  type ServiceName,
  type ServiceProcess,
  startService,
} from '../../scripts/testing/service-process.ts';

/** One process of a service, which can be killed and started again at the same address. */
export class Replica {
  readonly name: ServiceName;
  readonly url: string;
  readonly #environment: Environment;
  #process: ServiceProcess | undefined;

  constructor(name: ServiceName, port: number, environment: Environment) {
    this.name = name;
    this.url = `http://127.0.0.1:${port}`;
    this.#environment = { ...environment, PORT: String(port) };
  }

  /** Resolves when it is ready. */
  async start(timeoutMs?: number): Promise<this> {
    this.#process = await startService(this.name, this.#environment, timeoutMs);
    return this;
  }

  get process(): ServiceProcess {
    if (!this.#process) throw new Error(`${this.name} was not started`);
    return this.#process;
  }

  kill(): Promise<Exit> {
    return this.process.kill();
  }

  /** SIGKILL, and a new process. */
  async crash(timeoutMs?: number): Promise<void> {
    await this.kill();
    await this.start(timeoutMs);
  }

  /** The sum of a metric over its labels, where these hold `label`. */
  async metric(name: string, label = ''): Promise<number> {
    const text = await (await fetch(`${this.url}/metrics`)).text();
    const lines = text.split('\n').filter((line) => line.startsWith(`${name}{`) && line.includes(label));
    return lines.reduce((sum, line) => sum + Number(line.split(' ').at(-1)), 0);
  }
}

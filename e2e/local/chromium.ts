/** A headless Chromium and its pages, over the DevTools protocol. */
import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

const places = [
  '/usr/bin/chromium',
  '/usr/bin/chromium-browser',
  '/usr/bin/google-chrome',
  '/snap/bin/chromium',
  '/Applications/Chromium.app/Contents/MacOS/Chromium',
  '/Applications/Google Chrome.app/Contents/MacOS/Google Chrome',
];

/** @throws with how to get one when there is none */
function findChromium(): string {
  const { CHROMIUM } = process.env;
  const found = (CHROMIUM ? [CHROMIUM] : places).find((path) => existsSync(path));
  if (found === undefined)
    throw new Error(
      'There is no Chromium: install it (on Debian: apt-get install -y --no-install-recommends chromium), or set CHROMIUM to the path of one.',
    );
  return found;
}

interface Message {
  readonly id?: number;
  readonly method?: string;
  readonly sessionId?: string;
  readonly params?: unknown;
  readonly result?: unknown;
  readonly error?: { readonly message: string };
}

export interface TabOptions {
  readonly width: number;
  readonly height: number;
  readonly colours: 'light' | 'dark';
}

export class Chromium {
  readonly #child: ChildProcess;
  readonly #socket: WebSocket;
  readonly #folder: string;
  readonly #waiting = new Map<number, PromiseWithResolvers<unknown>>();
  readonly #listeners = new Set<(message: Message) => void>();
  #lastId = 0;

  private constructor(child: ChildProcess, socket: WebSocket, folder: string) {
    this.#child = child;
    this.#socket = socket;
    this.#folder = folder;
    socket.addEventListener('message', ({ data }) => this.#take(JSON.parse(String(data)) as Message));
  }

  static async open(): Promise<Chromium> {
    const path = findChromium();
    const folder = mkdtempSync(join(tmpdir(), 'shop-chromium-'));
    // Root, as in a container, has no sandbox; the only pages opened are ours.
    const options = ['--headless', '--no-sandbox', '--disable-gpu', '--disable-dev-shm-usage', '--hide-scrollbars'];
    const child = spawn(path, [...options, '--remote-debugging-port=0', `--user-data-dir=${folder}`, 'about:blank'], {
      stdio: ['ignore', 'ignore', 'pipe'],
      env: { ...process.env, TZ: 'UTC' },
    });
    const socket = new WebSocket(await addressOf(child));
    await once(socket, 'open');
    return new Chromium(child, socket, folder);
  }

  #take(message: Message): void {
    if (message.id === undefined) {
      for (const listener of this.#listeners) listener(message);
      return;
    }
    const waiting = this.#waiting.get(message.id);
    this.#waiting.delete(message.id);
    if (message.error) waiting?.reject(new Error(message.error.message));
    else waiting?.resolve(message.result);
  }

  send<T>(method: string, params: object = {}, sessionId?: string): Promise<T> {
    this.#lastId += 1;
    const id = this.#lastId;
    const waiting = Promise.withResolvers<unknown>();
    this.#waiting.set(id, waiting);
    this.#socket.send(JSON.stringify({ id, method, params, ...(sessionId !== undefined && { sessionId }) }));
    return waiting.promise as Promise<T>;
  }

  /** Opens `url` as a person with this screen and these colours sees it. */
  async tab(url: string, { width, height, colours }: TabOptions): Promise<Tab> {
    const { targetId } = await this.send<{ targetId: string }>('Target.createTarget', { url: 'about:blank' });
    const { sessionId } = await this.send<{ sessionId: string }>('Target.attachToTarget', { targetId, flatten: true });
    const faults: string[] = [];
    this.#listeners.add((message) => {
      if (message.sessionId === sessionId) faults.push(...faultsOf(message));
    });
    const tab = new Tab((method, params) => this.send(method, params, sessionId), faults, targetId);
    for (const domain of ['Page', 'Runtime', 'Log']) await tab.send(`${domain}.enable`);
    await tab.send('Emulation.setDeviceMetricsOverride', { width, height, deviceScaleFactor: 1, mobile: false });
    await tab.send('Emulation.setEmulatedMedia', { features: [{ name: 'prefers-color-scheme', value: colours }] });
    await tab.send('Page.navigate', { url });
    return tab;
  }

  async closeTab({ targetId }: Tab): Promise<void> {
    await this.send('Target.closeTarget', { targetId });
  }

  async close(): Promise<void> {
    const exited = once(this.#child, 'exit');
    this.#socket.close();
    this.#child.kill();
    await exited;
    rmSync(this.#folder, { recursive: true, force: true, maxRetries: 5, retryDelay: 100 });
  }
}

async function addressOf(child: ChildProcess): Promise<string> {
  let text = '';
  for await (const chunk of child.stderr ?? []) {
    text += chunk;
    const address = /DevTools listening on (ws:\S+)/.exec(text)?.[1];
    if (address !== undefined) return address;
  }
  throw new Error(`Chromium did not start: ${text}`);
}

/** What went wrong in the page: exceptions, and what the browser refused, as by the content security policy. */
function faultsOf({ method, params }: Message): string[] {
  if (method === 'Runtime.exceptionThrown') {
    const { exceptionDetails: details } = params as { exceptionDetails: { exception?: { description?: string } } };
    return [details.exception?.description ?? 'an exception'];
  }
  if (method !== 'Log.entryAdded') return [];
  const { entry } = params as { entry: { level: string; text: string; url?: string } };
  return entry.level === 'error' ? [`${entry.text} ${entry.url ?? ''}`] : [];
}

export class Tab {
  readonly send: <T>(method: string, params?: object) => Promise<T>;
  readonly faults: readonly string[];
  readonly targetId: string;

  constructor(send: Tab['send'], faults: readonly string[], targetId: string) {
    this.send = send;
    this.faults = faults;
    this.targetId = targetId;
  }

  /** The value of a JavaScript expression in the page, as JSON. */
  async read<T>(expression: string): Promise<T> {
    const answer = await this.send<{ result: { value: T }; exceptionDetails?: { text: string; exception?: object } }>(
      'Runtime.evaluate',
      { expression, returnByValue: true, awaitPromise: true },
    );
    if (answer.exceptionDetails) throw new Error(JSON.stringify(answer.exceptionDetails));
    return answer.result.value;
  }

  /** The text of the first element that matches, in one line, as it is seen; empty where none is seen. */
  text(selector: string): Promise<string> {
    return this.read(`(() => {
      const element = document.querySelector(${JSON.stringify(selector)});
      return element?.checkVisibility() ? element.innerText.replace(/\\s+/g, ' ').trim() : '';
    })()`);
  }

  async press(key: string): Promise<void> {
    const codes: Readonly<Record<string, number>> = { Tab: 9, Escape: 27, End: 35, Home: 36, ArrowLeft: 37, Enter: 13 };
    const event = { key, code: key, windowsVirtualKeyCode: codes[key] ?? 0, ...(key === 'Enter' && { text: '\r' }) };
    await this.send('Input.dispatchKeyEvent', { type: 'keyDown', ...event });
    await this.send('Input.dispatchKeyEvent', { type: 'keyUp', ...event });
  }

  async pointAt(x: number, y: number): Promise<void> {
    await this.send('Input.dispatchMouseEvent', { type: 'mouseMoved', x, y });
  }

  /** The whole page as a PNG. */
  async screenshot(file: string): Promise<void> {
    const { data } = await this.send<{ data: string }>('Page.captureScreenshot', { captureBeyondViewport: true });
    writeFileSync(file, Buffer.from(data, 'base64'));
  }
}

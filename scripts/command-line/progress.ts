import { styleText } from 'node:util';
import { formatSeconds } from './duration.ts';

const frames = ['⠋', '⠙', '⠹', '⠸', '⠼', '⠴', '⠦', '⠧', '⠇', '⠏'];
const redrawMs = 100;
const reminderMs = 5_000;

export interface Step {
  /** What it is waiting for just now. */
  note(text: string): void;
}

/** The part of a terminal that is needed; a file or a pipe is one too, with `isTTY` unset. */
export interface Screen {
  readonly isTTY?: boolean | undefined;
  readonly columns?: number | undefined;
  write(text: string): unknown;
}

interface Active {
  readonly title: string;
  readonly startedAt: number;
  note: string;
  notedAt: number;
  remindedAt: number;
}

/**
 * One line per step with its time. On a terminal the lines of the steps in hand are redrawn in place;
 * elsewhere a step has a line when it begins, one every five seconds, and one when it ends.
 */
export class Progress {
  readonly #screen: Screen;
  readonly #nowMs: () => number;
  readonly #active = new Set<Active>();
  #timer: NodeJS.Timeout | undefined;
  #drawnLines = 0;
  #frame = 0;

  constructor(screen: Screen, nowMs: () => number) {
    this.#screen = screen;
    this.#nowMs = nowMs;
  }

  /** Runs `work` as a step called `title`; it ends as `work` does, and its line then reads as `done` tells, if given. */
  async step<T>(title: string, work: (step: Step) => Promise<T>, done?: (result: T) => string): Promise<T> {
    const now = this.#nowMs();
    const active: Active = { title, startedAt: now, note: '', notedAt: now, remindedAt: now };
    this.#active.add(active);
    if (this.#screen.isTTY) this.#redraw();
    else this.#screen.write(`… ${title}\n`);
    this.#timer ??= setInterval(() => this.#tick(), redrawMs);
    try {
      const result = await work({ note: (text) => this.#note(active, text) });
      this.#end(active, 'green', '✓', done?.(result) ?? title);
      return result;
    } catch (error) {
      this.#end(active, 'red', '✗', title);
      throw error;
    }
  }

  /** A line that stays, above those in hand. */
  say(line: string): void {
    this.#erase();
    this.#screen.write(`${line}\n`);
    this.#redraw();
  }

  #note(active: Active, text: string): void {
    active.note = text;
    active.notedAt = this.#nowMs();
    active.remindedAt = active.notedAt;
    if (this.#screen.isTTY) this.#redraw();
    else this.#screen.write(`… ${active.title}: ${text}\n`);
  }

  #end(active: Active, color: 'green' | 'red', mark: string, text: string): void {
    this.#active.delete(active);
    if (this.#active.size === 0) {
      clearInterval(this.#timer);
      this.#timer = undefined;
    }
    const took = formatSeconds(this.#nowMs() - active.startedAt);
    this.say(`${this.paint(color, mark)} ${text}  ${this.paint('dim', took)}`);
  }

  #tick(): void {
    this.#frame += 1;
    this.#redraw();
    const now = this.#nowMs();
    for (const active of this.#active) {
      if (this.#screen.isTTY || now - active.remindedAt < reminderMs) continue;
      active.remindedAt = now;
      this.#screen.write(`… ${this.#inHand(active, now)}\n`);
    }
  }

  /** A note that is not renewed is about something that is over. */
  #inHand({ title, note, notedAt, startedAt }: Active, now: number): string {
    const isFresh = note !== '' && now - notedAt < reminderMs;
    return `${title}${isFresh ? `: ${note}` : ''}  ${formatSeconds(now - startedAt)}`;
  }

  #redraw(): void {
    if (!this.#screen.isTTY) return;
    this.#erase();
    const now = this.#nowMs();
    const mark = frames[this.#frame % frames.length];
    // A line that wraps could not be erased by moving up one line.
    const width = (this.#screen.columns ?? 80) - 1;
    for (const active of this.#active)
      this.#screen.write(`${`${mark} ${this.#inHand(active, now)}`.slice(0, width)}\n`);
    this.#drawnLines = this.#active.size;
  }

  #erase(): void {
    if (this.#drawnLines > 0) this.#screen.write(`\u001b[${this.#drawnLines}A\u001b[0J`);
    this.#drawnLines = 0;
  }

  /** Colour for a terminal, the bare text elsewhere. */
  paint(format: 'green' | 'red' | 'yellow' | 'dim' | 'bold', text: string): string {
    return this.#screen.isTTY && !process.env.NO_COLOR ? styleText(format, text, { validateStream: false }) : text;
  }
}

/** What is sent, second by second: hours in compressed time. Pure. */

/** What one consumer takes for a message; it does nothing meanwhile. */
export const messageMs = 50;
export const partitions = 6;
/** How old a message may get. An hour elsewhere is minutes here, so it is less than the default. */
export const lagSeconds = 10;

/** From the beginning of one side's load to that of the next. */
export const apartSeconds = 60;

export interface Load {
  readonly name: string;
  readonly about: string;
  readonly seconds: number;
  /** Messages per second from each of these seconds on. */
  readonly rate: (second: number) => number;
  /** Messages that are there all of a sudden. */
  readonly backlog?: { readonly second: number; readonly messages: number };
}

const rest = 10;
const steps = 10;

export const loads: readonly Load[] = [
  {
    name: 'burst',
    about: `${rest} messages/s, and 2400 at once after 20 s`,
    seconds: 400,
    rate: () => rest,
    backlog: { second: 20, messages: 2_400 },
  },
  {
    name: 'step',
    about: `${rest} messages/s, and 90 for a minute and a half after 20 s`,
    seconds: 400,
    rate: (second) => (second >= 20 && second < 110 ? 90 : rest),
  },
  {
    name: 'diurnal',
    about: `two days of 200 s, from ${rest} messages/s at night to 100 at noon`,
    seconds: 400,
    rate: (second) => 55 - 45 * Math.cos((2 * Math.PI * second) / 200),
  },
];

/** How many messages are to be sent until each tenth of a second, from the first one on. */
export function sentBy({ seconds, rate, backlog }: Load): number[] {
  const total: number[] = [];
  let sum = 0;
  for (let slice = 0; slice < seconds * steps; slice += 1) {
    sum += rate(slice / steps) / steps;
    if (backlog && slice === backlog.second * steps) sum += backlog.messages;
    total.push(Math.floor(sum + 1e-9));
  }
  return total;
}

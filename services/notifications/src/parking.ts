import { openSession, type Session, type SessionOptions } from './amqp.ts';
import { type Parked, readParked, type Task, withoutParked } from './task.ts';
import { parkedQueue, taskExchange, taskKey } from './topology.ts';

type ParkingOptions = Pick<SessionOptions, 'url' | 'caFile' | 'retryDelayMs'>;

export interface ParkedTask extends Parked {
  readonly id: string;
}

/** What was given up, oldest first. Nothing is taken from the queue. */
export function listParked(options: ParkingOptions): Promise<ParkedTask[]> {
  return withParked(options, async (each) => {
    const found: ParkedTask[] = [];
    await each(async (task) => {
      found.push({ id: task.messageId, ...readParked(task) });
    });
    return found;
  });
}

/** Puts parked tasks back into their lanes, as they were. @returns the ids that were found */
export function retryParked(options: ParkingOptions, ids: readonly string[]): Promise<string[]> {
  return withParked(options, async (each, { publish }) => {
    const found = new Set<string>();
    await each(async (task, take) => {
      if (!ids.includes(task.messageId)) return;
      const { messageId, value } = task;
      // Taken only when it is in its lane: a crash in between leaves it in both, and the client is told once all the same.
      await publish({
        exchange: taskExchange,
        key: taskKey(readParked(task).lane, options.retryDelayMs),
        messageId,
        value,
        headers: withoutParked(task),
      });
      take();
      found.add(messageId);
    });
    return [...found];
  });
}

type Visit = (task: Task, take: () => void) => Promise<void>;

/** Holds one task after the other; those that were not taken go back when the session ends. */
async function withParked<T>(
  options: ParkingOptions,
  use: (each: (visit: Visit) => Promise<void>, session: Session) => Promise<T>,
): Promise<T> {
  const session = await openSession({ ...options, connectionName: 'notifications-parking' });
  try {
    return await use(async (visit) => {
      for (let got = await session.get(parkedQueue); got; got = await session.get(parkedQueue))
        await visit(got.task, got.take);
    }, session);
  } finally {
    await session.close();
  }
}

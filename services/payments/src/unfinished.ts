import type { Logger } from '@shop/shared/log';
import type { ProcessOrder } from './process-order.ts';

interface Needs {
  readonly resumeUnfinished: ProcessOrder['resumeUnfinished'];
  readonly unfinishedAfterMs: number;
  readonly log: Logger;
}

const batchSize = 50;

/**
 * Takes up payments that nobody finished, again and again. Normally the message comes again and does it; this is for the
 * case that somebody moved the group's offsets past it. The answer is the function that stops it.
 */
export function watchUnfinished({ resumeUnfinished, unfinishedAfterMs, log }: Needs): () => Promise<void> {
  const stopping = new AbortController();
  let running = Promise.resolve();
  const look = async () => {
    try {
      const { count, faults } = await resumeUnfinished(unfinishedAfterMs, batchSize, stopping.signal);
      if (count > 0) log.info({ count }, 'unfinished payments taken up');
      if (faults.length > 0)
        log.warn(
          { err: faults[0], failed: faults.length },
          'unfinished payments could not be taken up, tried again later',
        );
    } catch (error) {
      log.warn({ err: error }, 'unfinished payments could not be taken up, tried again later');
    }
  };
  let busy = false;
  const timer = setInterval(() => {
    if (busy) return;
    busy = true;
    running = look().finally(() => {
      busy = false;
    });
  }, unfinishedAfterMs / 4);
  return () => {
    clearInterval(timer);
    stopping.abort();
    return running;
  };
}

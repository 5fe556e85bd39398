import { DomainError } from '@shop/shared/errors';
import { createTransport } from 'nodemailer';
import type { Channel } from '../ports.ts';

interface SmtpOptions {
  /** `smtp://USER:PASSWORD@HOST:PORT`, or `smtps://`; asked for each mail, because it may change. */
  readonly url: () => string;
  /** `Name <address>`. */
  readonly from: string;
  /** How long it may take until the server has the whole mail; the wait for a connection counts. */
  readonly timeoutMs: number;
  /** How long it may take from then on to accept the mail. */
  readonly answerTimeoutMs?: number;
  readonly maxConnections: number;
}

/**
 * A server that checks a mail before it accepts it delivers it even when nobody waits for the answer. RFC 5321 (4.5.3.2.6) asks to
 * wait ten minutes, but one letter could then hold up all others of its partition for as long.
 */
export const answerTimeoutMs = 240_000;
/** Each further attempt may be one more mail. */
const unansweredPauseSeconds = 60;

/**
 * Mail. A mail server takes a letter over and forgets its id, so after a crash between its answer and our record a second
 * mail goes out, with the same `Message-ID`: many mailboxes show one of them only, none has to.
 */
export function smtpChannel(given: SmtpOptions): Channel {
  const options = { answerTimeoutMs, ...given };
  const { url, from } = options;
  let used = url();
  let transport = transportTo(used, options);
  /** Mails that are on their way by the former address still arrive. */
  function newestTransport() {
    const newest = url();
    if (newest !== used) {
      transport.close();
      transport = transportTo(newest, options);
      used = newest;
    }
    return transport;
  }
  const domain = /@([^\s>]+)>?\s*$/.exec(from)?.[1] ?? 'localhost';
  return {
    name: 'smtp',
    async send({ decision: { eventId }, client, wording, language }) {
      const patience = patienceFor(options);
      try {
        await newestTransport().sendMail({
          from,
          to: { name: client.name, address: client.email },
          ...wording,
          messageId: `<${eventId}@${domain}>`,
          signal: patience.signal,
          headers: { 'Auto-Submitted': 'auto-generated', 'Content-Language': language === 'pt' ? 'pt-BR' : 'en' },
        });
      } catch (error) {
        throw faultOf(error, patience.isOut());
      } finally {
        patience.end();
      }
    },
    close: () => transport.close(),
  };
}

type Timeouts = Required<Pick<SmtpOptions, 'timeoutMs' | 'answerTimeoutMs'>>;

/** By the signal of a mail, what is to be done when the server has all of it. */
const whenOut = new WeakMap<AbortSignal, () => void>();

/** Its end closes the connection that has the mail, so none goes out after it. */
function patienceFor({ timeoutMs, answerTimeoutMs }: Timeouts) {
  const ended = new AbortController();
  const endAfter = (ms: number) => setTimeout(() => ended.abort(), ms);
  let timer = endAfter(timeoutMs);
  let isOut = false;
  whenOut.set(ended.signal, () => {
    isOut = true;
    clearTimeout(timer);
    timer = endAfter(answerTimeoutMs);
  });
  return { signal: ended.signal, isOut: () => isOut, end: () => clearTimeout(timer) };
}

function transportTo(url: string, { timeoutMs, answerTimeoutMs, maxConnections }: SmtpOptions & Timeouts) {
  const transport = createTransport({
    url,
    pool: true,
    maxConnections,
    connectionTimeout: timeoutMs,
    greetingTimeout: timeoutMs,
    socketTimeout: answerTimeoutMs,
    disableFileAccess: true,
    disableUrlAccess: true,
  });
  transport.use('stream', ({ message, data: { signal } }, done) => {
    message.processFunc((content) => content.once('end', () => signal && whenOut.get(signal)?.()));
    done();
  });
  return transport;
}

/** What nodemailer throws: the step that failed, and the server's answer where there was one. */
interface SmtpError {
  readonly code?: string;
  readonly command?: string;
  readonly responseCode?: number;
}

/**
 * Only an answer about this recipient or this mail is final, or that no server can be asked for such a one. A refused login
 * or sender would refuse all the others too.
 */
function faultOf(error: unknown, isOut: boolean): DomainError {
  const { code, command, responseCode = 0 } = error as SmtpError;
  if (isOut && !responseCode)
    return new DomainError('unavailable', {
      code: 'letter-unanswered',
      detail: `The mail server has the letter, and has not said whether it takes it (${code || 'no answer'}).`,
      retryAfterSeconds: unansweredPauseSeconds,
    });
  const isAboutThisMail = command === 'RCPT TO' || command === 'DATA' || code === 'EMESSAGE';
  const isRefusedUnasked = !responseCode && (code === 'EENVELOPE' || code === 'EMESSAGE');
  if (isRefusedUnasked)
    return new DomainError('unprocessable', { code: 'mail-refused', detail: `No mail can be made of it (${code}).` });
  if (responseCode >= 500 && isAboutThisMail)
    // Not its text, nor the cause: both quote the address.
    return new DomainError('unprocessable', {
      code: command === 'RCPT TO' ? 'address-refused' : 'mail-refused',
      detail: `The mail server refused it for good (${responseCode}).`,
    });
  return new DomainError('unavailable', {
    code: 'smtp-unavailable',
    detail: `The mail server cannot take it now (${responseCode || code || 'no answer'}).`,
  });
}

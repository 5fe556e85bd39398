import { DomainError } from '@shop/shared/errors';
import { createTransport } from 'nodemailer';
import { type Channel, LetterUnanswered } from '../ports.ts';

interface SmtpOptions {
  /** `smtp://USER:PASSWORD@HOST:PORT`, or `smtps://`; asked for each mail, because it may change. */
  readonly url: () => string;
  /** `Name <address>`. */
  readonly from: string;
  /** For a whole mail, and the wait for a connection in it. */
  readonly timeoutMs: number;
  readonly maxConnections: number;
}

/**
 * Mail. A mail server takes a letter over and forgets its id, so after a crash between its answer and our record a second
 * mail goes out, with the same `Message-ID`: many mailboxes show one of them only, none has to.
 */
export function smtpChannel(options: SmtpOptions): Channel {
  const { url, from, timeoutMs } = options;
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
      // Its end closes the connection that has this mail, so none goes out after it.
      const signal = AbortSignal.timeout(timeoutMs);
      try {
        await newestTransport().sendMail({
          from,
          to: { name: client.name, address: client.email },
          ...wording,
          messageId: `<${eventId}@${domain}>`,
          signal,
          headers: { 'Auto-Submitted': 'auto-generated', 'Content-Language': language === 'pt' ? 'pt-BR' : 'en' },
        });
      } catch (error) {
        throw faultOf(error, wentOut.has(signal));
      }
    },
    close: () => transport.close(),
  };
}

/** The mails that a server was given whole, by what ends our patience with them. */
const wentOut = new WeakSet<AbortSignal>();

function transportTo(url: string, { timeoutMs, maxConnections }: SmtpOptions) {
  const transport = createTransport({
    url,
    pool: true,
    maxConnections,
    connectionTimeout: timeoutMs,
    greetingTimeout: timeoutMs,
    socketTimeout: timeoutMs,
    disableFileAccess: true,
    disableUrlAccess: true,
  });
  transport.use('stream', ({ message, data: { signal } }, done) => {
    message.processFunc((content) => content.once('end', () => signal && wentOut.add(signal)));
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
  if (isOut && !responseCode) return new LetterUnanswered();
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

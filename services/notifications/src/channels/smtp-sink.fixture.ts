import { once } from 'node:events';
import type { AddressInfo, Socket } from 'node:net';
import { text } from 'node:stream/consumers';
import { setTimeout as sleep } from 'node:timers/promises';
import { SMTPServer } from 'smtp-server';

export interface Mail {
  readonly from: string;
  readonly to: readonly string[];
  /** Header lines, unfolded, by lower-case name. */
  readonly headers: Readonly<Record<string, string>>;
  /** As it was sent. */
  readonly source: string;
}

export interface SmtpSink {
  readonly url: string;
  readonly mails: readonly Mail[];
  /** From now on each recipient is answered so; `undefined` takes them. */
  refuse: (answer: { readonly code: number; readonly text: string } | undefined) => void;
  /** Ends all connections without a word. */
  readonly hangUp: () => void;
  readonly close: () => Promise<void>;
}

/** A mail server that keeps what it gets, and takes its time to say so, or to take a recipient. */
export async function openSmtpSink({ delayMs = 0, recipientDelayMs = 0 } = {}): Promise<SmtpSink> {
  const mails: Mail[] = [];
  let refusal: { readonly code: number; readonly text: string } | undefined;
  const server = new SMTPServer({
    authOptional: true,
    disabledCommands: ['STARTTLS', 'AUTH'],
    onRcptTo(_address, _session, callback) {
      const answer = refusal && Object.assign(new Error(refusal.text), { responseCode: refusal.code });
      sleep(recipientDelayMs, undefined, { ref: false }).then(() => callback(answer), callback);
    },
    onData(stream, { envelope }, callback) {
      text(stream)
        .then((source) => {
          const from = envelope.mailFrom ? envelope.mailFrom.address : '';
          mails.push({ from, to: envelope.rcptTo.map(({ address }) => address), headers: headersOf(source), source });
          return sleep(delayMs, undefined, { ref: false });
        })
        .then(() => callback(), callback);
    },
  });
  // A client that was killed in the middle of a mail is what tests do.
  server.on('error', () => {});
  const sockets = new Set<Socket>();
  server.server.on('connection', (socket: Socket) => sockets.add(socket));
  const listener = server.listen(0, '127.0.0.1');
  await once(listener, 'listening');
  return {
    url: `smtp://127.0.0.1:${(listener.address() as AddressInfo).port}`,
    mails,
    refuse(answer) {
      refusal = answer;
    },
    hangUp() {
      for (const socket of sockets) socket.destroy();
    },
    close: () => new Promise((resolve) => server.close(() => resolve())),
  };
}

function headersOf(source: string): Record<string, string> {
  const [head = ''] = source.split('\r\n\r\n');
  const lines = head.replace(/\r\n[ \t]+/g, ' ').split('\r\n');
  return Object.fromEntries(
    lines.map((line) => [line.slice(0, line.indexOf(':')).toLowerCase(), line.slice(line.indexOf(':') + 2)]),
  );
}

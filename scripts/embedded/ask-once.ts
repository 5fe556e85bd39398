import { connect } from 'node:net';

const answerTimeoutMs = 2000;

/**
 * Sends one request to 127.0.0.1:port.
 * @param judge what the bytes received so far say; `undefined` while the answer is not complete
 * @returns what `judge` said; false when nobody listens, the connection ends, or two seconds pass in silence
 */
export function askOnce(
  port: number,
  request: Buffer,
  judge: (received: Buffer) => boolean | undefined,
): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = connect(port, '127.0.0.1');
    const answer = (ready: boolean) => {
      socket.destroy();
      resolve(ready);
    };
    let received = Buffer.alloc(0);
    socket.setTimeout(answerTimeoutMs, () => answer(false));
    socket.on('error', () => answer(false));
    socket.on('close', () => answer(false));
    socket.on('connect', () => socket.write(request));
    socket.on('data', (chunk) => {
      received = Buffer.concat([received, chunk]);
      const judgement = judge(received);
      if (judgement !== undefined) answer(judgement);
    });
  });
}

import { connect } from 'node:net';

const answerTimeoutMs = 2_000;
/** The type of the first frame of a broker that speaks our version; it would send the text AMQP otherwise. */
const methodFrame = 1;

/** True when something on 127.0.0.1:port opens an AMQP 0-9-1 conversation. */
export function rabbitIsReady(port: number): Promise<boolean> {
  return answers(port, Buffer.from('AMQP\0\0\x09\x01'), (first) => first[0] === methodFrame);
}

/** True when something on 127.0.0.1:port takes connections. */
export function isListening(port: number): Promise<boolean> {
  return answers(port);
}

function answers(port: number, question?: Buffer, isRight?: (first: Buffer) => boolean): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = connect(port, '127.0.0.1');
    const answer = (ready: boolean) => {
      socket.destroy();
      resolve(ready);
    };
    socket.setTimeout(answerTimeoutMs, () => answer(false));
    socket.on('error', () => answer(false));
    socket.on('close', () => answer(false));
    socket.on('connect', () => (question ? socket.write(question) : answer(true)));
    socket.on('data', (first) => answer(isRight?.(first) ?? true));
  });
}

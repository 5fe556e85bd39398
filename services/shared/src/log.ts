import { type DestinationStream, type Logger, pino } from 'pino';
import { oneOf, type Values } from './env.ts';

export type { Logger } from 'pino';

export const logSettings = {
  logLevel: oneOf('LOG_LEVEL', 'info', 'least severe line that is logged', [
    'fatal',
    'error',
    'warn',
    'info',
    'debug',
    'trace',
    'silent',
  ]),
};

/** Members that hold personal data or secrets, wherever they stand in the first three levels of a line. */
const masked = ['name', 'email', 'phone', 'cpf', 'clientName', 'authorization', 'cookie', 'password'];

/**
 * JSON lines on standard output, or wherever `destination` leads. Messages are constant; what varies goes into members.
 * Personal data and credentials are masked by member name, so never build them into a message.
 */
export function createLog(
  service: string,
  { logLevel }: Values<typeof logSettings>,
  destination: DestinationStream = pino.destination({ fd: 1, sync: true }),
): Logger {
  const options = {
    level: logLevel,
    base: { service },
    timestamp: pino.stdTimeFunctions.isoTime,
    formatters: { level: (label: string) => ({ level: label }) },
    redact: { paths: masked.flatMap((member) => [member, `*.${member}`, `*.*.${member}`]), censor: '***' },
    serializers: { err: pino.stdSerializers.errWithCause },
  };
  return pino(options, destination);
}

/** Kafka's errors, told apart by name and type: the client's classes stay in connect.ts. */
import { asError, DomainError } from '../errors.ts';

interface KafkaFailure extends Error {
  readonly type?: string;
  readonly cause?: unknown;
}

/** The error itself and what it was caused by: the client wraps the broker's answer once or twice. */
function chain(thrown: unknown): KafkaFailure[] {
  const errors: KafkaFailure[] = [];
  for (let error = thrown; error instanceof Error && errors.length < 5; error = error.cause) errors.push(error);
  return errors;
}

/** The broker understood the record and will never take it. */
const refusals = new Set([
  'MESSAGE_TOO_LARGE',
  'RECORD_LIST_TOO_LARGE',
  'INVALID_RECORD',
  'INVALID_TIMESTAMP',
  'INVALID_TOPIC_EXCEPTION',
  'POLICY_VIOLATION',
]);

/**
 * `unprocessable` for a record that Kafka will never take, `unavailable` for everything else: an outage, but also a
 * missing topic or permission, which an operator mends while the record waits.
 */
export function sendFailure(thrown: unknown): DomainError {
  const refusal = chain(thrown).find(({ type }) => type !== undefined && refusals.has(type));
  if (refusal)
    return new DomainError('unprocessable', {
      code: 'message-refused',
      detail: `Kafka refuses the message: ${refusal.message}`,
      cause: thrown,
    });
  return kafkaUnavailable(thrown);
}

export function kafkaUnavailable(thrown: unknown): DomainError {
  return new DomainError('unavailable', {
    code: 'kafka-unavailable',
    // The client stumbles over its own null when no broker answered.
    detail: `${outcomeOf(thrown)}: ${thrown instanceof TypeError ? 'no broker can be reached' : asError(thrown).message}`,
    retryAfterSeconds: 5,
    cause: thrown,
  });
}

function outcomeOf(thrown: unknown): string {
  if (chain(thrown).some(isRefusedLogin)) return 'Kafka refuses the login';
  return isAnswer(thrown) ? 'Kafka answers' : 'Kafka does not answer';
}

/** A missing topic or permission, a coordinator that moved or too few replicas are told by a broker, and are no silence. */
export function isAnswer(thrown: unknown): boolean {
  const errors = chain(thrown);
  return errors.some(({ type }) => type !== undefined) && !errors.some(isRefusedLogin);
}

function isRefusedLogin({ name }: Error): boolean {
  return name === 'KafkaJSSASLAuthenticationError';
}

/** Wrong in the request, not in Kafka: the answer will be the same tomorrow. */
const misuse = new Set([
  'INVALID_PARTITIONS',
  'INVALID_REPLICATION_FACTOR',
  'INVALID_CONFIG',
  'INVALID_TOPIC_EXCEPTION',
  'POLICY_VIOLATION',
  'NON_EMPTY_GROUP',
]);

/** What an administrative call failed with, as `not-found`, `unprocessable` or `unavailable`. */
export function adminFailure(thrown: unknown): DomainError {
  if (thrown instanceof DomainError) return thrown;
  const aggregated = (thrown as { errors?: unknown[] } | undefined)?.errors ?? [];
  const errors = [thrown, ...aggregated].flatMap(chain);
  if (errors.some(({ type }) => type === 'UNKNOWN_TOPIC_OR_PARTITION'))
    return new DomainError('not-found', {
      code: 'unknown-topic',
      detail: 'Kafka has no such topic or partition.',
      cause: thrown,
    });
  if (errors.some(({ type }) => type === 'LEADER_NOT_AVAILABLE'))
    return new DomainError('unavailable', {
      code: 'no-leader',
      detail: 'A partition has no leader.',
      retryAfterSeconds: 5,
      cause: thrown,
    });
  const wrong = errors.find(
    ({ type, message }) => (type && misuse.has(type)) || message.includes('no running instances'),
  );
  if (wrong)
    return new DomainError('unprocessable', { code: 'refused-by-kafka', detail: wrong.message, cause: thrown });
  return kafkaUnavailable(thrown);
}

/** A broker that has just taken over a group or a partition, or is about to, and has done nothing of what was asked. */
const moving = new Set([
  'GROUP_COORDINATOR_NOT_AVAILABLE',
  'GROUP_LOAD_IN_PROGRESS',
  'NOT_COORDINATOR_FOR_GROUP',
  'NOT_LEADER_FOR_PARTITION',
]);

/** True where the same request is likely to be answered a moment later. */
export function isMoving(thrown: unknown): boolean {
  return chain(thrown).some(
    // The client keeps the broker's answers to itself when it has looked for the coordinator in vain.
    ({ name, type }) => name === 'KafkaJSGroupCoordinatorNotFound' || (type !== undefined && moving.has(type)),
  );
}

const hopelessNames = new Set([
  'KafkaJSNotImplemented',
  'KafkaJSServerDoesNotSupportApiKey',
  'KafkaJSUnsupportedMagicByteInMessageSet',
  'SyntaxError',
  'TypeError',
  'RangeError',
  'ReferenceError',
]);
const hopelessTypes =
  /AUTHORIZATION_FAILED|^UNSUPPORTED_|^INVALID_(GROUP_ID|SESSION_TIMEOUT)|^INCONSISTENT_GROUP|^GROUP_MAX_SIZE/;

/**
 * True where a new connection would end the same way: a missing permission, a codec we do not have, or a fault inside the
 * client, whose state is unknown then. A refused password is not among them: while it is being changed, Kafka and the pods
 * do not learn it at the same moment, and all of them would end themselves at once.
 */
export function isHopeless(thrown: unknown): boolean {
  return chain(thrown).some(({ name, type }) => hopelessNames.has(name) || (type && hopelessTypes.test(type)));
}

/** The group has moved on without us: what we held is somebody's again, and nothing is wrong with that. */
export function isRebalance(thrown: unknown): boolean {
  const types = ['REBALANCE_IN_PROGRESS', 'ILLEGAL_GENERATION', 'UNKNOWN_MEMBER_ID'];
  return chain(thrown).some(({ type }) => type !== undefined && types.includes(type));
}

export function isMissingTopic(thrown: unknown): boolean {
  return chain(thrown).some(({ type }) => type === 'UNKNOWN_TOPIC_OR_PARTITION');
}

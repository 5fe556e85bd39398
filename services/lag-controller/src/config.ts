import { flag, httpUrl, integer, oneOf, optional, secret, text } from '@shop/shared/env';
import { httpSettings } from '@shop/shared/http/app';
import { kafkaSettings } from '@shop/shared/kafka/settings';
import { lifecycleSettings } from '@shop/shared/lifecycle';

const secretText = (variable: string, about: string) => secret(text(variable, undefined, about));

export const settings = {
  ...lifecycleSettings,
  ...httpSettings('3005'),
  ...kafkaSettings,
  target: oneOf('TARGET', 'processes', 'what is scaled', ['processes', 'kubernetes']),
  namespace: optional(
    text('NAMESPACE', undefined, 'whose LagScalers are served; by default that of the pod or the kubeconfig'),
  ),
  leaseName: text('LEASE_NAME', 'lag-controller', 'Lease that the process holds which acts, in the same namespace'),
  listTargets: flag(
    'LIST_TARGETS',
    'false',
    'whether targets are listed, by one request a kind and round, instead of read one by one; needs the right to list them all',
  ),
  // Rates are taken over twenty seconds, and need two looks.
  roundMs: integer('ROUND_MS', '5000', 'time from one round to the next', [500, 10_000]),
  processesUrl: optional(
    httpUrl(
      'PROCESSES_URL',
      undefined,
      'where the supervisor of local processes shows the program (npm start sets it)',
    ),
  ),
  processesToken: optional(secretText('PROCESSES_TOKEN', 'what the supervisor wants to be shown (npm start sets it)')),
  group: text('LAG_GROUP', 'payments-service-group', 'consumer group of the local processes'),
  topic: text('LAG_TOPIC', 'orders.created', 'topic that they read'),
  lagSeconds: integer('LAG_SECONDS', '30', 'how old a message of the local processes may get', [1, 86_400]),
  maxReplicas: integer('MAX_REPLICAS', '6', 'most local processes', [1, 64]),
  dryRun: flag('DRY_RUN', 'false', 'whether decisions about local processes are only told'),
  recordFile: optional(text('RECORD_FILE', undefined, 'where decisions are recorded, a line of JSON each')),
  recordMaxBytes: integer(
    'RECORD_MAX_BYTES',
    '50000000',
    'size at which a full record becomes RECORD_FILE.1, in the place of the one before',
    [10_000, 1_000_000_000],
  ),
};

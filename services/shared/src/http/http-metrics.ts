import { gauge, histogram, type Registry } from '../metrics.ts';
import { type Checks, failures } from './health.ts';

/**
 * What every service measures of its HTTP: rate, errors and duration come from one histogram, by the route's pattern and never
 * by its path. The connections are asked at a scrape.
 */
export function httpMetrics(registry: Registry, connections: Checks) {
  gauge(
    registry,
    'connection_up',
    'Whether what the service depends on answers: 1 or 0, as it was within the last second',
    ['connection'],
    async (up) => {
      const down = await failures(connections);
      for (const connection of Object.keys(connections)) up.set({ connection }, connection in down ? 0 : 1);
    },
  );
  return {
    inHand: gauge(
      registry,
      'http_requests_in_hand',
      'Requests to the API that are being worked on, without those that wait for a decision',
    ),
    duration: histogram(
      registry,
      'http_request_duration_seconds',
      'Time to answer, by the pattern of the route; 499 is a caller who hung up',
      ['method', 'route', 'status'],
    ),
  };
}

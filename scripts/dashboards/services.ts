import type { Chapter, Page } from './panels.ts';
import { of, quantile, rate } from './promql.ts';

const service = 'service=~"$service"';
const requests = 'http_request_duration_seconds';

const http: Chapter = {
  title: 'HTTP',
  graphs: [
    {
      title: 'Requests',
      description: 'Per second, by service and route.',
      unit: 'reqps',
      columns: 8,
      series: { '{{service}} {{method}} {{route}}': rate('service, method, route', `${requests}_count`, service) },
    },
    {
      title: 'Share of errors',
      description: 'Answers of 500 and above; what callers did wrong is not in it.',
      unit: 'percentunit',
      columns: 8,
      series: {
        '{{service}}': `(${rate('service', `${requests}_count`, `${service},status=~"5.."`)} or 0 * ${rate('service', `${requests}_count`, service)}) / ${rate('service', `${requests}_count`, service)}`,
      },
    },
    {
      title: 'Duration, p95',
      description: 'By service and route; GET …?wait= waits on purpose.',
      unit: 's',
      columns: 8,
      series: { '{{service}} {{method}} {{route}}': quantile(0.95, 'service, method, route', requests, service) },
    },
  ],
};

const connections: Chapter = {
  title: 'Kafka and MongoDB',
  graphs: [
    {
      title: 'Connections',
      description: 'Share of the processes that reach it. ConnectionDown when none does for five minutes.',
      unit: 'percentunit',
      series: { '{{service}} → {{connection}}': `avg by (service, connection) (${of('connection_up', service)})` },
    },
  ],
};

const runtime: Chapter = {
  title: 'Node',
  graphs: [
    {
      title: 'CPU',
      description: 'Cores that each process uses.',
      unit: 'short',
      columns: 8,
      series: { '{{pod}}': rate('pod', 'process_cpu_seconds_total', service) },
    },
    {
      title: 'Memory',
      description: 'Resident memory of each process; the limit of the container ends it.',
      unit: 'bytes',
      columns: 8,
      series: { '{{pod}}': `max by (pod) (${of('process_resident_memory_bytes', service)})` },
    },
    {
      title: 'Heap in use',
      description: 'Of JavaScript. One that grows for hours without coming down leaks.',
      unit: 'bytes',
      columns: 8,
      series: { '{{pod}}': `max by (pod) (${of('nodejs_heap_size_used_bytes', service)})` },
    },
    {
      title: 'Work of the event loop',
      description: 'Share of the time. A process near 1 cannot take more work, however many cores it may use.',
      unit: 'percentunit',
      columns: 8,
      series: { '{{pod}}': `max by (pod) (${of('nodejs_eventloop_utilization', service)})` },
    },
    {
      title: 'Time in garbage collection',
      description: 'Share of the time.',
      unit: 'percentunit',
      columns: 8,
      series: { '{{pod}}': rate('pod', 'nodejs_gc_duration_seconds_sum', service) },
    },
    {
      title: 'Age of the processes',
      description: 'Falls to 0 where one was started anew.',
      unit: 's',
      columns: 8,
      series: { '{{pod}}': `time() - max by (pod) (${of('process_start_time_seconds', service)})` },
    },
  ],
};

/** The same of every service, the lag controller included. */
export const servicesPage: Page = {
  uid: 'services',
  title: 'Services',
  description: 'Requests, errors, durations, connections and the Node runtime of every service.',
  tags: ['shop'],
  variables: [
    { name: 'namespace', label: 'Namespace', from: 'connection_up' },
    { name: 'service', label: 'Service', from: of('connection_up') },
  ],
  chapters: [http, connections, runtime],
};

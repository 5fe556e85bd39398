import type { Response } from 'express';
import { traceIdOf } from '../tracing/traceparent.ts';

type About = Readonly<Record<string, string>>;

/** What the handler said that the request is about. */
export function aboutOf({ locals }: Response): About {
  return (locals.about as About | undefined) ?? {};
}

export function noteAbout(response: Response, members: About): void {
  response.locals.about = { ...aboutOf(response), ...members };
}

/** What every log line of a request has. */
export function logMembers(response: Response) {
  const { requestId, traceparent } = response.locals;
  return { requestId, trace_id: traceIdOf(traceparent), ...aboutOf(response) };
}

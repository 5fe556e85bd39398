import { describe, expect, it } from '@jest/globals';
import { readSettings } from '../env.ts';
import { tracesUrl, tracingSettings } from './settings.ts';

const urlOf = (environment: Record<string, string>) => tracesUrl(readSettings(tracingSettings, environment));

describe('spans are sent', () => {
  it('nowhere, unless somebody says where', () => {
    expect(urlOf({})).toBeUndefined();
    expect(urlOf({ OTEL_EXPORTER_OTLP_ENDPOINT: 'http://c:4318', OTEL_SDK_DISABLED: 'true' })).toBeUndefined();
  });

  it('to the path of traces at the collector, or exactly where the address of traces says', () => {
    const collector = { OTEL_EXPORTER_OTLP_ENDPOINT: 'http://c:4318/' };
    expect(urlOf(collector)).toBe('http://c:4318/v1/traces');
    expect(urlOf({ ...collector, OTEL_EXPORTER_OTLP_TRACES_ENDPOINT: 'http://t/spans' })).toBe('http://t/spans');
  });

  it('never to what is no address', () => {
    expect(() => urlOf({ OTEL_EXPORTER_OTLP_ENDPOINT: 'collector:4318' })).toThrow('OTEL_EXPORTER_OTLP_ENDPOINT');
  });
});

import { z } from 'zod';
import type { Endpoint } from './endpoint.ts';

export interface ApiInfo {
  readonly title: string;
  readonly version: string;
  readonly description: string;
}

interface Access {
  /** Whether callers must show a bearer token. */
  readonly hasTokens: boolean;
}

type Json = Record<string, unknown>;

/** zod writes JSON Schema 2020-12, the dialect of OpenAPI 3.1; `$schema` would only repeat that. */
function jsonSchema(schema: z.ZodType, io: 'input' | 'output'): Json {
  const { $schema: _, ...rest } = z.toJSONSchema(schema, { io, unrepresentable: 'any' }) as Json;
  return rest;
}

const problem = z
  .object({
    type: z.string(),
    title: z.string(),
    status: z.number().int(),
    code: z.string(),
    detail: z.string(),
    instance: z.string(),
    errors: z.array(z.object({ at: z.string(), detail: z.string() })).optional(),
  })
  .meta({ description: 'RFC 9457 problem details; `code` is stable, `errors` names the faulty fields.' });

function parametersOf({ request }: Endpoint): Json[] {
  return (['params', 'query', 'headers'] as const).flatMap((part) => {
    const schema = request[part] && jsonSchema(request[part], 'input');
    const properties = (schema?.properties ?? {}) as Record<string, Json>;
    const required = (schema?.required ?? []) as string[];
    return Object.entries(properties).map(([name, { description, ...rest }]) => ({
      name,
      in: { params: 'path', query: 'query', headers: 'header' }[part],
      required: part === 'params' || required.includes(name),
      ...(description !== undefined && { description }),
      schema: rest,
    }));
  });
}

const refusals: Endpoint['responses'] = {
  401: { description: 'There is no bearer token, or it is not good; `WWW-Authenticate` says why' },
};

/** What the guards before every operation may answer; an operation's own words win. */
const limits: Endpoint['responses'] = {
  429: { description: 'Too many requests of this caller; `RateLimit` and `Retry-After` say how many and when' },
  503: { description: 'Too many requests are in hand; try again after `Retry-After`' },
};

function responsesOf({ responses }: Endpoint, { hasTokens }: Access): Json {
  return Object.fromEntries(
    Object.entries({ ...limits, ...(hasTokens && refusals), ...responses }).map(([status, { description, schema }]) => {
      if (schema)
        return [status, { description, content: { 'application/json': { schema: jsonSchema(schema, 'output') } } }];
      if (Number(status) < 400) return [status, { description }];
      const content = { 'application/problem+json': { schema: { $ref: '#/components/schemas/Problem' } } };
      return [status, { description, content }];
    }),
  );
}

/** The OpenAPI 3.1 document of a service, from the endpoints it serves. */
export function openApi(info: ApiInfo, endpoints: readonly Endpoint[], access: Access): Json {
  const paths: Record<string, Json> = {};
  for (const definition of endpoints) {
    const { method, path, summary, request } = definition;
    paths[path] ??= {};
    paths[path][method] = {
      summary,
      operationId: `${method}${path.replace(/\/v1/, '').replace(/[/{}-]+(\w?)/g, (_, letter: string) => letter.toUpperCase())}`,
      parameters: parametersOf(definition),
      ...(request.body && {
        requestBody: { required: true, content: { 'application/json': { schema: jsonSchema(request.body, 'input') } } },
      }),
      responses: responsesOf(definition, access),
    };
  }
  return {
    openapi: '3.1.0',
    info: { ...info, license: { name: 'MIT', identifier: 'MIT' } },
    servers: [{ url: '/' }],
    paths,
    components: {
      schemas: { Problem: jsonSchema(problem, 'output') },
      ...(access.hasTokens && { securitySchemes: { token: { type: 'http', scheme: 'bearer', bearerFormat: 'JWT' } } }),
    },
    ...(access.hasTokens && { security: [{ token: [] }] }),
  };
}

import type { ChartValue } from './values-file.ts';

interface Group {
  readonly type: 'object';
  readonly additionalProperties: false;
  readonly properties: Record<string, object>;
}

const group = (): Group => ({ type: 'object', additionalProperties: false, properties: {} });

/**
 * values.schema.json, in the draft that both Helm 3 and 4 read. It is closed at every level: a misspelt value is refused.
 *
 * @throws Error naming a list or a mapping whose comment does not say what it may hold
 */
export function valuesSchema(values: readonly ChartValue[]): string {
  const root = group();
  for (const value of values) place(root, value);
  // Helm hands `global` to every chart that is part of another.
  root.properties.global = { type: 'object' };
  return `${JSON.stringify({ $schema: 'http://json-schema.org/draft-07/schema#', ...root }, undefined, 2)}\n`;
}

function place(root: Group, value: ChartValue): void {
  let at = root;
  for (const step of value.path.slice(0, -1)) {
    at.properties[step] ??= group();
    at = at.properties[step] as Group;
  }
  at.properties[value.path.at(-1) as string] = {
    ...inferred(value),
    ...value.schema,
    description: value.about,
    default: value.value,
  };
}

function inferred({ path, value, schema }: ChartValue): object {
  if (Array.isArray(value)) {
    if (!('items' in schema)) throw new Error(`${path.join('.')}: say with @schema {items: …} what the list may hold`);
    return { type: 'array' };
  }
  switch (typeof value) {
    case 'boolean':
      return { type: 'boolean' };
    case 'number':
      return { type: 'integer', minimum: 0 };
    case 'string':
      return { type: 'string' };
    default:
      if (!('additionalProperties' in schema))
        throw new Error(`${path.join('.')}: say with @schema {additionalProperties: …} what the mapping may hold`);
      return { type: 'object' };
  }
}

/** A chart's values.yaml as a list: the comments in it are the documentation, and the schema's source. */
import { isMap, isScalar, parse, parseDocument, type YAMLMap } from 'yaml';

export interface ChartValue {
  /** From the top: `['kafka', 'tls', 'enabled']`. */
  readonly path: readonly string[];
  readonly about: string;
  readonly value: unknown;
  /** What its comment says after `@schema`: JSON Schema over the inferred one. */
  readonly schema: Readonly<Record<string, unknown>>;
}

const annotation = '@schema ';

/**
 * Every value that a person may set, in the order of the file. A mapping without `@schema` is a group: what is in it is set.
 *
 * @throws Error naming the value that has no comment
 */
export function chartValues(text: string): ChartValue[] {
  const root = parseDocument(text).contents;
  if (!isMap(root)) throw new Error('values.yaml must hold a mapping');
  return valuesOf(root as YAMLMap, []);
}

function valuesOf(map: YAMLMap, above: readonly string[]): ChartValue[] {
  return map.items.flatMap((pair, index) => {
    if (!isScalar(pair.key)) throw new Error(`${above.join('.')} has a key that is no word`);
    const path = [...above, String(pair.key.value)];
    // The parser keeps the comment of a mapping's first key with the mapping.
    const comment = pair.key.commentBefore ?? (index === 0 ? map.commentBefore : undefined) ?? '';
    const { about, schema } = readComment(comment);
    if (isMap(pair.value) && schema === undefined && pair.value.items.length > 0)
      return valuesOf(pair.value as YAMLMap, path);
    if (about === '') throw new Error(`${path.join('.')} has no comment that says what it is for`);
    return [{ path, about, value: (pair.value as { toJSON(): unknown }).toJSON(), schema: schema ?? {} }];
  });
}

function readComment(comment: string) {
  const lines = comment.split('\n').map((line) => line.trim());
  const schema = lines.find((line) => line.startsWith(annotation))?.slice(annotation.length);
  return {
    about: lines
      .filter((line) => !line.startsWith(annotation))
      .join(' ')
      .trim(),
    schema: schema === undefined ? undefined : (parse(schema) as Record<string, unknown>),
  };
}

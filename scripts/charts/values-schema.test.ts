import { describe, expect, it } from '@jest/globals';
import { chartValues } from './values-file.ts';
import { valuesSchema } from './values-schema.ts';
import { valuesTable } from './values-table.ts';

const text = `# Whether it runs.
enabled: true
image:
  # Where it is.
  repository: shop
  # When it is asked for.
  # @schema {enum: [Always, Never]}
  pullPolicy: Always
# How many.
# @schema {maximum: 6}
replicas: 2
# More labels.
# @schema {additionalProperties: {type: string}}
labels: {}
# Who may; a | b.
# @schema {items: {type: string}}
names: []
`;

describe("a chart's values", () => {
  it('are read with what their comments say, groups only through what is in them', () => {
    expect(chartValues(text).map(({ path, about }) => [path.join('.'), about])).toEqual([
      ['enabled', 'Whether it runs.'],
      ['image.repository', 'Where it is.'],
      ['image.pullPolicy', 'When it is asked for.'],
      ['replicas', 'How many.'],
      ['labels', 'More labels.'],
      ['names', 'Who may; a | b.'],
    ]);
  });

  it('get a schema that is closed at every level, of the type of the default and what the comment adds', () => {
    const schema = JSON.parse(valuesSchema(chartValues(text)));
    expect(schema).toMatchObject({
      additionalProperties: false,
      properties: {
        enabled: { type: 'boolean', default: true },
        image: {
          additionalProperties: false,
          properties: { repository: { type: 'string' }, pullPolicy: { enum: ['Always', 'Never'] } },
        },
        replicas: { type: 'integer', minimum: 0, maximum: 6, description: 'How many.' },
        labels: { type: 'object', additionalProperties: { type: 'string' } },
        names: { type: 'array', items: { type: 'string' } },
        global: { type: 'object' },
      },
    });
  });

  it('are refused where one is not documented, or may hold anything', () => {
    const schemaOf = (yaml: string) => () => valuesSchema(chartValues(yaml));
    expect(schemaOf('image:\n  tag: ""\n')).toThrow('image.tag has no comment');
    expect(schemaOf('# x\nnames: []\n')).toThrow('names: say with @schema {items: …}');
    expect(schemaOf('# x\nlabels: {}\n')).toThrow('labels: say with @schema {additionalProperties: …}');
  });

  it('become a table in which no text breaks a cell', () => {
    expect(valuesTable(chartValues(text)).split('\n').at(-1)).toBe('| `names` | `[]` | Who may; a \\| b. |');
  });
});

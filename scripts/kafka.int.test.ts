import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it, jest } from '@jest/globals';
import { openTopic, type TopicFixture } from '../services/shared/src/messaging/topic.fixture.ts';
import { run } from './embedded/run.ts';
import { until } from './testing/until.ts';

const brokers = process.env.TEST_KAFKA_BROKERS ?? '';

jest.setTimeout(60_000);

let fixture: TopicFixture;
beforeEach(async () => {
  fixture = await openTopic(brokers, 2);
});
afterEach(() => fixture.close());

const kafka = (args: string, { env = {}, onLine }: { env?: NodeJS.ProcessEnv; onLine?: (line: string) => void } = {}) =>
  run(
    process.execPath,
    ['--disable-warning=ExperimentalWarning', join(import.meta.dirname, 'kafka.ts'), ...args.split(' ')],
    {
      env: { ...process.env, KAFKA_BROKERS: brokers, ...env },
      onLine,
    },
  );

/** The cells of a table's line for one partition. */
const cells = (output: string, pattern: RegExp) =>
  output
    .split('\n')
    .filter((line) => pattern.test(line))
    .map((line) => line.trim().split(/ {2,}/));

/** Has everything that is there handled by the test's group. */
async function readToTheEnd(count: bigint): Promise<void> {
  const member = fixture.consume({ handle: async () => 'applied' });
  await until('all are committed', async () => (await fixture.committedTotal()) === count);
  await member.stop({ timeoutMs: 0 });
}

/** Two keys that are known to stand in different partitions of two. */
const produce = (count: number) =>
  fixture.produce(...Array.from({ length: count }, (_, i) => [`a=${i}`, `b=${i}`, `c=${i}`, `d=${i}`]).flat());

describe('npm run kafka', () => {
  it('says in one sentence that Kafka cannot be reached, and what to do', async () => {
    const { code, output } = await kafka('topics', { env: { KAFKA_BROKERS: '127.0.0.1:1' } });
    expect(output).toMatch(/^Kafka does not answer at 127\.0\.0\.1:1 \(.*ECONNREFUSED.*\): .*npm start.*\.\n$/);
    expect(code).toBe(1);
  });

  it.each([
    ['lag --grup x', /^Unknown option '--grup': .*\nnpm run kafka -- lag \[/],
    ['restet', /^There is no command "restet"\.\nnpm run kafka -- COMMAND/],
  ])('refuses `%s` with a sentence and the usage, before it looks for Kafka', async (args, text) => {
    const { code, output } = await kafka(args, { env: { KAFKA_BROKERS: '127.0.0.1:1' } });
    expect(output).toMatch(text);
    expect(code).toBe(1);
  });

  it('lists topics with partitions, replication and messages', async () => {
    await produce(3);
    const { code, output } = await kafka('topics');
    expect(cells(output, new RegExp(`^${fixture.topic} `))).toEqual([[fixture.topic, '2', '1', '12']]);
    expect(code).toBe(0);
  });

  it('shows a lag as none where nothing is committed, and as a number with its reader elsewhere', async () => {
    await produce(1);
    const args = `lag --group ${fixture.groupId} --topic ${fixture.topic}`;
    const before = await kafka(args);
    expect(cells(before.output, /^topic-/).map((row) => [row[2], row[5], row[6]])).toEqual([
      ['none', 'none', '-'],
      ['none', 'none', '-'],
    ]);
    expect(before.output).toContain('Total lag: none; nothing is committed for 2 partitions');

    const member = fixture.consume({ handle: async () => 'applied' });
    await until('four are committed', async () => (await fixture.committedTotal()) === 4n);
    const reading = await kafka(`lag --group ${fixture.groupId}`);
    expect(reading.output).toContain(`${fixture.groupId}  Stable, 1 member`);
    expect(cells(reading.output, /^topic-/).map((row) => row[6])).toEqual(
      Array(2).fill(expect.stringMatching(/^test-.* \//)),
    );
    await member.stop({ timeoutMs: 0 });
    await produce(2);
    expect((await kafka(args)).output).toContain('Total lag: 8\n');
  });

  it('prints messages and ends at the end, without touching the offsets of any group or leaving one behind', async () => {
    await produce(1);
    await fixture.producer.send([
      { topic: fixture.topic, key: 'a', value: Buffer.from('\x1b[2J'), headers: { ce_id: 'x.1' } },
    ]);
    await readToTheEnd(5n);
    const { code, output } = await kafka(`consume ${fixture.topic} --from-beginning --max 100`);
    expect(output).toMatch(/^\d:\d {2}key=a {2}\d{4}-.*Z\n {2}ce_id=a=0\n {2}0$/m);
    expect(output).toMatch(/^ {2}ce_id=x\.1\n {2}no JSON: \\u001b\[2J$/m);
    expect(output).toMatch(/\n5 messages\.\n$/);
    expect(code).toBe(0);
    expect(await fixture.committedTotal()).toBe(5n);
    expect((await fixture.admin.groups()).filter((group) => group.startsWith('kafka-cli'))).toEqual([]);
  });

  it('prints as many new messages as it was asked for', async () => {
    await produce(1);
    const { output } = await kafka(`consume ${fixture.topic} --max 2`, {
      onLine: (line) => {
        if (line.startsWith('Reading ')) void produce(2);
      },
    });
    expect(output).toMatch(/ from now on; .*(\n\d:\d {2}key=.*\n.*\n.*){2}\n2 messages\.\n$/);
  });

  it('raises the number of partitions only when it is told to, and never lowers it', async () => {
    const dry = await kafka(`partitions ${fixture.topic} 4`);
    expect(dry.output).toMatch(
      /2 → 4 partitions[\s\S]*WARNING: .* about 50 % of the keys move[\s\S]*Nothing was changed/,
    );
    const count = async () =>
      (await fixture.admin.topics()).find(({ topic }) => topic === fixture.topic)?.partitions.length;
    expect(await count()).toBe(2);
    expect((await kafka(`partitions ${fixture.topic} 4 --execute`)).code).toBe(0);
    await until('there are four', async () => (await count()) === 4);
    const lower = await kafka(`partitions ${fixture.topic} 3 --execute`);
    expect(lower).toEqual({
      code: 1,
      output: `${fixture.topic} has 4 partitions, and Kafka cannot take any away: N must be larger.\n`,
    });
  });

  it('moves a group only when it is told to and the group has no members', async () => {
    await produce(2);
    const args = `reset --topic ${fixture.topic} --group ${fixture.groupId} --to`;
    const member = fixture.consume({ handle: async () => 'applied' });
    await until('eight are committed', async () => (await fixture.committedTotal()) === 8n);
    const refused = await kafka(`${args} earliest --execute`);
    expect(refused.output).toMatch(/^group-.* has 1 active member \(test .*\): stop them first, .*\.\n$/);
    expect(refused.code).toBe(1);
    expect((await kafka(`${args} earliest`)).output).toContain('--execute would be refused now');
    await member.stop({ timeoutMs: 0 });

    const dry = await kafka(`${args} earliest`);
    expect(dry.code).toBe(0);
    expect(dry.output).toMatch(/PARTITION\s+FROM\s+TO\s+EFFECT\n\s+0\s+(\d)\s+0\s+\1 read again\n/);
    expect(await fixture.committedTotal()).toBe(8n);
    const later = new Date(Date.now() + 3_600_000).toISOString();
    expect((await kafka(`${args} ${later} --partition 1`)).output).toMatch(
      /EFFECT\n +1 +(\d) +\1 +stays\nNothing was changed/,
    );

    expect((await kafka(`${args} earliest --partition 0 --execute`)).output).toMatch(/\nDone\.\n$/);
    const [first, second] = await fixture.admin.offsets(fixture.topic, fixture.groupId);
    expect([first?.committed, second?.committed]).toEqual([0n, second?.high]);
  });
});

import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it, jest } from '@jest/globals';
import { deadLetterTopic } from '../services/shared/src/contracts/topics.ts';
import { DomainError } from '../services/shared/src/errors.ts';
import type { Message } from '../services/shared/src/messaging/message.ts';
import { type Member, openTopic, type TopicFixture } from '../services/shared/src/messaging/topic.fixture.ts';
import { run } from './embedded/run.ts';
import { until } from './testing/until.ts';

const brokers = process.env.TEST_KAFKA_BROKERS ?? '';
const poison = Buffer.from([0x7b, 0xff, 0x1b, 0x00]);

jest.setTimeout(60_000);

let fixture: TopicFixture;
let isMended: boolean;
const handled: Message[] = [];
const others: Message[] = [];

const dlq = (args: string) =>
  run(
    process.execPath,
    ['--disable-warning=ExperimentalWarning', join(import.meta.dirname, 'dlq.ts'), ...args.split(' ')],
    {
      env: { ...process.env, KAFKA_BROKERS: brokers },
    },
  );

const remember = (messages: Message[]) => async (message: Message) => {
  messages.push(message);
  return 'applied' as const;
};

/** A group that gives up on what it cannot read, until it is mended, and a second one that can read everything. */
function openGroups(): { ours: Member; theirs: Member } {
  const ours = fixture.consume({
    async handle(message) {
      if (!isMended) throw new DomainError('invalid', { code: `bad-${message.key}`, detail: 'It is no JSON.' });
      return remember(handled)(message);
    },
  });
  const theirs = fixture.consume({ groupId: `other-${fixture.groupId}`, handle: remember(others) });
  return { ours, theirs };
}

beforeEach(async () => {
  fixture = await openTopic(brokers);
  isMended = false;
  handled.length = 0;
  others.length = 0;
});
afterEach(() => fixture.close());

describe('npm run dlq', () => {
  it('lists, shows and replays what a group gave up on: once, as it was, and for that group alone', async () => {
    const { topic, groupId } = fixture;
    const letters = deadLetterTopic(groupId, topic);
    const headers = { ce_id: 'a.1', blob: Buffer.from([0xff]) };
    await fixture.producer.send([
      { topic, key: 'a', value: poison, headers },
      { topic, key: 'b', value: '{"n":1}', headers: {} },
    ]);
    const { ours, theirs } = openGroups();
    await until('two are dead letters', () => ours.metric('consumer_dead_letters_total').then((count) => count === 2));
    await until('the others have two', () => others.length === 2);
    isMended = true;

    const listed = await dlq(`list --topic ${letters}`);
    expect(listed.output).toMatch(new RegExp(`^0:\\d .*Z +${topic} 0:0 +a +bad-a +It is no JSON\\. +no$`, 'm'));
    expect(listed.output).toMatch(/\n2 dead letters, 2 not replayed\.\n$/);
    const id = /^(0:\d) .* bad-a /m.exec(listed.output)?.[1] ?? '';

    const shown = await dlq(`show ${id} --topic ${letters}`);
    expect(shown.output).toContain(`  __dlq.errors.group=${groupId}\n`);
    expect(shown.output).toContain('  blob=0xff\n');
    expect(shown.output).toMatch(/no JSON, 4 bytes\ntext .*\\u001b.*\nhex {3}7bff1b00\n/);

    const dry = await dlq(`replay ${id} --topic ${letters}`);
    expect(dry.output).toMatch(
      /would be sent to topic-[^ ]* for group-[^ ]*\nNothing was sent: --execute sends it\.\n$/,
    );
    const end = async () => (await fixture.admin.offsets(topic))[0]?.high;
    expect(await end()).toBe(2n);

    expect((await dlq(`replay --all --code bad-a --execute --topic ${letters}`)).output).toContain(
      '1 message replayed.',
    );
    await until('one was handled', () => handled.length === 1);
    expect(handled[0]).toMatchObject({ key: 'a', value: poison, offset: '2' });
    expect(handled[0]?.headers).toEqual({ ce_id: 'a.1', blob: '\uFFFD', 'dlq-replay-for': groupId });
    await until(
      'theirs has passed one over',
      async () => (await theirs.metric('consumer_messages_total', { outcome: 'not-for-us' })) === 1,
    );
    expect(others).toHaveLength(2);

    const second = await dlq(`replay ${id} --execute --topic ${letters}`);
    expect(second).toEqual({
      code: 0,
      output: expect.stringMatching(/^0:\d {2}was replayed at \d{4}.*Z; --again .*\nNothing to replay\.\n$/),
    });
    expect(await end()).toBe(3n);
    const after = (await dlq(`list --topic ${letters}`)).output;
    expect(after).toMatch(/ a +bad-a .*Z$/m);
    expect(after).toMatch(/^2 dead letters, 1 not replayed\.$/m);

    expect((await dlq(`replay ${id} --again --execute --topic ${letters}`)).code).toBe(0);
    await until('two were handled', () => handled.length === 2);
  });

  it.each([
    ['replay', /^Name letters as PARTITION:OFFSET, or give --all\.\nnpm run dlq -- replay/],
    ['show 17', /^A dead letter is named PARTITION:OFFSET, .* not "17"\.\nnpm run dlq -- show/],
    ['list --topic nowhere', /^Kafka has no topic "nowhere": .*\.\n$/],
  ])('refuses `%s` with one sentence', async (args, text) => {
    const { code, output } = await dlq(args);
    expect(output).toMatch(text);
    expect(code).toBe(1);
  });

  it('says so when there is no such letter, or none at all', async () => {
    const letters = deadLetterTopic(fixture.groupId, fixture.topic);
    expect((await dlq(`list --topic ${letters}`)).output).toBe(`There are no dead letters in ${letters}.\n`);
    expect(await dlq(`show 0:7 --topic ${letters}`)).toMatchObject({
      code: 1,
      output: expect.stringMatching(/^There is no dead letter 0:7 in .*\.\n$/),
    });
  });
});

import { describe, expect, it } from '@jest/globals';
import { createLog } from './log.ts';

function logged(write: (log: ReturnType<typeof createLog>) => void): Record<string, unknown>[] {
  const lines: string[] = [];
  write(createLog('test', { logLevel: 'info' }, { write: (line) => void lines.push(line) }));
  return lines.map((line) => JSON.parse(line));
}

describe('the log', () => {
  it('masks personal data and credentials down to the third level', () => {
    const person = { name: 'João', email: 'joao@test.com', phone: '11999999999', cpf: '12345678901' };
    const lines = logged((log) => {
      log.info({ ...person, authorization: 'Bearer x' }, 'seen');
      log.info({ client: person, order: { by: { clientName: 'João', id: 'o1' } } }, 'seen');
    });
    const masked = { name: '***', email: '***', phone: '***', cpf: '***' };
    expect(lines[0]).toMatchObject({ ...masked, authorization: '***', msg: 'seen' });
    expect(lines[1]).toMatchObject({ client: masked, order: { by: { clientName: '***', id: 'o1' } } });
    expect(JSON.stringify(lines)).not.toMatch(/João|joao|1199999|123456789/);
  });

  it('leaves out what is below its level, and writes times and levels as people read them', () => {
    const lines = logged((log) => {
      log.debug('hidden');
      log.warn('shown');
    });
    expect(lines).toEqual([
      { level: 'warn', service: 'test', msg: 'shown', time: expect.stringMatching(/^\d{4}-.*Z$/) },
    ]);
  });

  it('shows an error with its stack and its causes', () => {
    const [line] = logged((log) => log.error({ err: new Error('outer', { cause: new Error('inner') }) }, 'failed'));
    expect(line).toMatchObject({ err: { message: 'outer', stack: expect.any(String), cause: { message: 'inner' } } });
  });
});

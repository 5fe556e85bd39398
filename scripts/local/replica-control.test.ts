import { afterEach, describe, expect, it } from '@jest/globals';
import { processesTarget } from '../../services/lag-controller/src/processes-target.ts';
import { controlReplicas, type ReplicaControl } from './replica-control.ts';
import type { ReplicaState } from './supervisor.ts';

describe('the control of replicas', () => {
  let control: ReplicaControl;
  afterEach(() => control.close());

  async function start() {
    let replicas: ReplicaState[] = [{ replica: 1, pid: 11, port: 81 }];
    control = await controlReplicas(
      {
        replicas: (name) => (name === 'payments' ? replicas : []),
        async scale(_name, wanted) {
          replicas = Array.from({ length: wanted }, (_, index) => ({
            replica: index + 1,
            pid: index === 0 ? 11 : undefined,
            port: index === 0 ? 81 : undefined,
          }));
        },
      },
      () => {},
    );
    return (name: string, token = control.token) =>
      processesTarget({ url: `${control.url}/programs/${name}`, token, timeoutMs: 2_000 });
  }

  it('counts and sets them; one that is starting is wanted, but not ready', async () => {
    const payments = (await start())('payments');
    expect(await payments.read()).toEqual({ desired: 1, current: 1, ready: 1, rollingOut: false });
    await payments.scale(3);
    expect(await payments.read()).toEqual({ desired: 3, current: 3, ready: 1, rollingOut: false });
    expect(await payments.metricsUrls()).toEqual(['http://127.0.0.1:81/metrics']);
  });

  it('refuses whoever lacks the token, a program that is not there, and a number that is none', async () => {
    const target = await start();
    await expect(target('payments', 'guessed').read()).rejects.toMatchObject({ kind: 'unavailable' });
    await expect(target('orders').read()).rejects.toThrow('404');
    for (const wrong of [0, 65, 1.5]) await expect(target('payments').scale(wrong)).rejects.toThrow('400');
    expect((await target('payments').read()).desired).toBe(1);
  });
});

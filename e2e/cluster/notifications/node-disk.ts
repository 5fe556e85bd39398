/** A disk on the node, for a claim that no StorageClass fulfils: the cluster of these tests may have none. */
import { kubectl } from '../cluster.ts';
import { imageTag, podOutput } from '../shop/installed-shop.ts';

interface Claim {
  readonly namespace: string;
  readonly claim: string;
  /** Who writes to it, as user and group. */
  readonly owner: number;
}

const folder = '/var/lib/shop-test-disks';
/** Has no PodSecurity level, or the node's folders were out of reach. */
const where = 'default';

/** Runs this JavaScript as root in a pod that has the node's folder of disks at /disks. */
async function onNode(name: string, code: string): Promise<void> {
  const pod = {
    apiVersion: 'v1',
    kind: 'Pod',
    metadata: { name, namespace: where },
    spec: {
      restartPolicy: 'Never',
      automountServiceAccountToken: false,
      containers: [
        {
          name: 'node',
          image: `orders:${imageTag}`,
          imagePullPolicy: 'IfNotPresent',
          args: ['--eval', code],
          securityContext: { runAsUser: 0 },
          volumeMounts: [{ name: 'disks', mountPath: '/disks' }],
        },
      ],
      volumes: [{ name: 'disks', hostPath: { path: folder, type: 'DirectoryOrCreate' } }],
    },
  };
  await kubectl(['apply', '-f', '-'], pod);
  await podOutput(name, { in: where });
}

/** @returns what takes it away */
export async function makeDisk({ namespace, claim, owner }: Claim): Promise<() => Promise<void>> {
  const name = `${namespace}-${claim}`;
  const path = JSON.stringify(`/disks/${name}`);
  await onNode(`${name}-make`, `fs.mkdirSync(${path}); fs.chownSync(${path}, ${owner}, ${owner})`);
  await kubectl(['apply', '-f', '-'], {
    apiVersion: 'v1',
    kind: 'PersistentVolume',
    metadata: { name },
    spec: {
      capacity: { storage: '1Gi' },
      accessModes: ['ReadWriteOnce'],
      storageClassName: '',
      persistentVolumeReclaimPolicy: 'Retain',
      claimRef: { namespace, name: claim },
      hostPath: { path: `${folder}/${name}`, type: 'Directory' },
    },
  });
  return async () => {
    await kubectl(['delete', 'persistentvolume', name, '--wait=false']);
    await onNode(`${name}-remove`, `fs.rmSync(${path}, { recursive: true })`);
  };
}

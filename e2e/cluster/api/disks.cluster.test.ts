/** Who changes what a disk is asked for deletes the StatefulSet first; its data must outlive that. */
import { join } from 'node:path';
import { expect, it } from '@jest/globals';
import { must } from '../../../scripts/cluster/access.ts';
import { objectsOf } from '../helm.ts';

const root = join(import.meta.dirname, '../../..');

it.each(['mongo', 'rabbitmq'])(
  'the disk of %s outlives its StatefulSet, with the labels by which npm run down finds it',
  async (name) => {
    const manifests = objectsOf(await must('kubectl', ['kustomize', join(root, 'k8s', name, 'persistent')]));
    const { spec } = manifests.find(({ kind }) => kind === 'StatefulSet') as unknown as { spec: object };
    expect(spec).toMatchObject({
      persistentVolumeClaimRetentionPolicy: { whenDeleted: 'Retain', whenScaled: 'Retain' },
      // Kubernetes gives them to the claims.
      selector: { matchLabels: { 'app.kubernetes.io/name': name, 'app.kubernetes.io/part-of': 'shop' } },
    });
  },
);

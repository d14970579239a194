import type { JsonMap } from '../../schema/type.ts';
import { fill } from './draft.ts';

export function fillClaim(spec: JsonMap): void {
  fill(spec, { volumeMode: 'Filesystem' });
}

export function fillVolumeOfCluster(spec: JsonMap): void {
  fill(spec, { persistentVolumeReclaimPolicy: 'Retain', volumeMode: 'Filesystem' });
}

export function fillStorageClass(object: JsonMap): void {
  fill(object, { reclaimPolicy: 'Delete', volumeBindingMode: 'Immediate' });
}

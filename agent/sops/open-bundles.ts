import type { OpenedBundle } from '../../core/bundle.ts';
import type { KubeObject } from '../../core/objects/object.ts';
import type { Kube } from '../kube/port.ts';
import type { BundleSource } from '../reconcile/ports.ts';
import { type KeyPlaces, readKeys } from './keys.ts';

/**
 * Decrypts what SOPS encrypted in bundles as they are asked for: a bundle that cannot be opened whole is not handed
 * out, so nothing of it is applied, and what was enforced before it goes on (A13). What is stored stays as it came.
 */
export function openingBundles(bundles: BundleSource, places: KeyPlaces, kube: Pick<Kube, 'get'>): BundleSource {
  return {
    async get(digest, signal) {
      const bundle = await bundles.get(digest, signal);
      const encrypted = bundle.objects.filter(isEncrypted);
      if (encrypted.length === 0) return bundle;
      const keys = await readKeys(places, kube, signal);
      // What decrypts costs memory that an agent with nothing encrypted has no use for.
      const { decryptObjects } = await import('./decrypt.ts');
      const opened = await decryptObjects(encrypted, keys);
      const openedOf = new Map(encrypted.map((object, index) => [object, opened[index]]));
      return {
        ...bundle,
        objects: bundle.objects.map((object) => openedOf.get(object)?.object ?? object),
        sealed: new Map(opened.map(({ object, sealed }) => [object, sealed])),
      } satisfies OpenedBundle;
    },
  };
}

function isEncrypted({ sops }: KubeObject): boolean {
  return typeof sops === 'string';
}

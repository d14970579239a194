import { createHash } from 'node:crypto';
import { FairwayError } from '../errors.ts';
import { toPointer } from '../fields/pointer.ts';
import type { KubeObject } from '../objects/object.ts';
import { isMap, type SopsFile, type SopsMap, type SopsNode } from './file.ts';
import { decryptText, decryptValue, isEncrypted, signedBytes } from './value.ts';

/** An object that came encrypted, as it is to be applied. */
export interface OpenedObject {
  readonly object: KubeObject;
  /** JSON pointers of the fields that came encrypted: their values are never shown (A11). */
  readonly sealed: readonly string[];
}

/** With `mac_only_encrypted`, SOPS signs this before the values. */
const macOnlyEncryptedSeed = Buffer.from('8a3fd2ad54ce66527b1034f3d147be0b0b975b3bf44f72c6fdadec8176f27d69', 'hex');

/**
 * Decrypts a file with its data key. What is encrypted is told by its form, whichever of SOPS's rules chose it: the MAC
 * over all values shows where one was put in clear, taken away or put elsewhere.
 * @throws FairwayError `sops-value-corrupt`, `sops-mac-mismatch`
 */
export function openSopsFile(file: SopsFile, dataKey: Uint8Array): OpenedObject {
  const hash = createHash('sha512');
  if (file.macOnlyEncrypted) hash.update(macOnlyEncryptedSeed);
  const sealed: string[] = [];

  const openLeaf = (node: string | number | boolean | null, keys: readonly string[], path: readonly string[]) => {
    if (isEncrypted(node)) {
      const { value, bytes } = decryptValue(node, dataKey, keys);
      sealed.push(toPointer(path));
      hash.update(bytes);
      return value;
    }
    if (node !== null && !file.macOnlyEncrypted) hash.update(signedBytes(node));
    return node;
  };
  /** @param keys those of maps alone: for SOPS every item of a list stands in the same place */
  const open = (node: SopsNode, keys: readonly string[], path: readonly string[]): unknown => {
    if (isMap(node)) return openMap(node, keys, path);
    if (isList(node)) return node.map((item, index) => open(item, keys, [...path, String(index)]));
    return openLeaf(node, keys, path);
  };
  const openMap = (map: SopsMap, keys: readonly string[], path: readonly string[]): Record<string, unknown> =>
    Object.fromEntries([...map].map(([key, node]) => [key, open(node, [...keys, key], [...path, key])]));

  const object = openMap(file.tree, [], []) as unknown as KubeObject;
  const { value: mac } = decryptText(file.mac, dataKey, file.lastModified, 'sops.mac');
  if (hash.digest('hex').toUpperCase() !== mac) {
    throw new FairwayError('sops-mac-mismatch', 'The values are not those that SOPS has signed.', {
      field: 'sops.mac',
      remedy: 'Change encrypted files with `sops edit` alone, then commit them again.',
    });
  }
  return { object, sealed };
}

function isList(node: SopsNode): node is readonly SopsNode[] {
  return Array.isArray(node);
}

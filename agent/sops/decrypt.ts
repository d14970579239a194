import { FairwayError } from '../../core/errors.ts';
import { describeRef, type KubeObject, refKey, refOf } from '../../core/objects/object.ts';
import { openDataKey, parseIdentities } from '../../core/sops/data-key.ts';
import { readSopsFile } from '../../core/sops/file.ts';
import { type OpenedObject, openSopsFile } from '../../core/sops/open.ts';
import type { KeyText } from './keys.ts';

/**
 * Decrypts objects of a bundle, each of which is the text of a file that SOPS encrypted: all, or none (A13).
 * @throws FairwayError `sops-…`, which names the object and no value (A11)
 */
export async function decryptObjects(
  objects: readonly KubeObject[],
  keys: readonly KeyText[],
): Promise<readonly OpenedObject[]> {
  const identities = keys.flatMap(({ text, from }) => parseIdentities(text, from));
  const opened: OpenedObject[] = [];
  for (const object of objects) opened.push(await decryptObject(object, identities));
  return opened;
}

async function decryptObject(object: KubeObject, identities: readonly string[]): Promise<OpenedObject> {
  try {
    const file = readSopsFile(String(object.sops));
    const opened = openSopsFile(file, await openDataKey(file, identities));
    if (refKey(refOf(opened.object)) === refKey(refOf(object))) return opened;
  } catch (error) {
    if (!(error instanceof FairwayError)) throw error;
    const { code, message, field, remedy } = error;
    throw new FairwayError(code, `${describeRef(refOf(object))} cannot be decrypted: ${message}`, {
      ...(field === undefined ? {} : { field }),
      ...(remedy === undefined ? {} : { remedy }),
    });
  }
  throw new FairwayError('sops-file-invalid', `${describeRef(refOf(object))} holds another object, encrypted.`, {
    remedy: 'Render the file again from Git.',
  });
}

import { armor, Decrypter, identityToRecipient } from 'age-encryption';
import { FairwayError } from '../errors.ts';
import type { SopsFile } from './file.ts';

const prefix = 'AGE-SECRET-KEY-';

/**
 * The identities in a file as `age-keygen` writes it: one a line, between comments.
 * @param from where the text came from, for the message
 * @throws FairwayError `sops-key-invalid`, which says nothing of what stands there (A11)
 */
export function parseIdentities(text: string, from: string): readonly string[] {
  const lines = text.split('\n').map((line) => line.trim());
  const identities = lines.filter((line) => line !== '' && !line.startsWith('#'));
  const wrong = lines.findIndex((line) => line !== '' && !line.startsWith('#') && !line.startsWith(prefix));
  if (wrong >= 0 || identities.length === 0) {
    const where = wrong >= 0 ? `line ${wrong + 1} of ${from} is none` : `${from} holds none`;
    throw new FairwayError('sops-key-invalid', `An age key begins with ${prefix}: ${where}.`, {
      remedy: 'Give the file that `age-keygen` wrote.',
    });
  }
  return identities;
}

/**
 * Opens a file's data key with whichever of the identities it was encrypted for.
 * @throws FairwayError `sops-key-wrong`, `sops-key-invalid`, `sops-file-invalid`
 */
export async function openDataKey(file: SopsFile, identities: readonly string[]): Promise<Uint8Array> {
  const decrypter = new Decrypter();
  const recipients: string[] = [];
  for (const identity of identities) {
    try {
      decrypter.addIdentity(identity);
      recipients.push(await identityToRecipient(identity));
    } catch {
      // The package's own words may quote the key.
      throw new FairwayError('sops-key-invalid', 'One of the age keys of this agent is damaged.', {
        remedy: 'Give the file that `age-keygen` wrote, whole.',
      });
    }
  }
  // Those that fit by name first; a post-quantum recipient has another name than the key's own line.
  const byName = file.ageKeys.toSorted(
    (a, b) => Number(recipients.includes(b.recipient)) - Number(recipients.includes(a.recipient)),
  );
  for (const { enc } of byName) {
    const dataKey = await decrypter.decrypt(encoded(enc)).catch(() => null);
    if (dataKey?.length === 32) return dataKey;
  }
  const wanted = file.ageKeys.map(({ recipient }) => recipient).join(', ');
  throw new FairwayError('sops-key-wrong', `It is encrypted for ${wanted}; this agent has ${recipients.join(', ')}.`, {
    field: 'sops.age',
    remedy: 'Give the agent the key of one of those recipients, or `sops rotate -i --add-age RECIPIENT FILE`.',
  });
}

function encoded(enc: string): Uint8Array {
  try {
    return armor.decode(enc);
  } catch (cause) {
    throw new FairwayError('sops-file-invalid', 'The data key in sops.age is not in the form of age.', {
      field: 'sops.age',
      remedy: 'Encrypt the file again with `sops encrypt`.',
      cause,
    });
  }
}

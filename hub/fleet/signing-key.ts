import { createPrivateKey, hkdfSync } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { FairwayError } from '../../core/errors.ts';
import { signatureOf } from '../sources/signed-commit.ts';
import { type SshKey, signSsh, sshKey, verifySsh } from '../sources/ssh-signature.ts';

/** The hub as the author of its pins. */
export interface Signer {
  /** `ssh-ed25519 AAAA…`. */
  readonly publicKey: string;
  /** An armoured SSH signature, in Git's namespace. */
  sign(content: Uint8Array): string;
  /** True for the content of a commit object that this hub signed, with the active authority or the one before it. */
  isOwn(commit: Uint8Array): boolean;
}

/**
 * The key that pins are signed with. It is derived from the authority's own, so that whoever has kept that can rebuild
 * a hub that knows its pins again, and every replica signs alike.
 * @throws FairwayError `authority-unreadable`
 */
export async function openSigner(dataDir: string): Promise<Signer> {
  const [active, standby] = await Promise.all([derive(dataDir, 'active'), derive(dataDir, 'standby')]);
  return createSigner(active, [standby]);
}

/** @param others keys by which the hub knows its own commits too */
export function createSigner(key: SshKey, others: readonly SshKey[] = []): Signer {
  return {
    publicKey: key.publicKey,
    sign: (content) => signSsh(key, content),
    isOwn(commit) {
      const found = signatureOf(commit);
      if (found === null) return false;
      return [key, ...others].some(({ publicKey }) => verifySsh(publicKey, found.signed, found.signature));
    },
  };
}

async function derive(dataDir: string, role: 'active' | 'standby'): Promise<SshKey> {
  const path = join(dataDir, 'authority', `${role}.key`);
  try {
    const { d: secret } = createPrivateKey(await readFile(path)).export({ format: 'jwk' });
    const seed = hkdfSync('sha256', Buffer.from(secret ?? '', 'base64url'), '', 'fairway pins signing key 1', 32);
    return sshKey(new Uint8Array(seed));
  } catch (cause) {
    throw new FairwayError('authority-unreadable', `${path} cannot be read.`, {
      remedy: 'Restore the authority from its backup.',
      cause,
    });
  }
}

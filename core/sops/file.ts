import { FairwayError } from '../errors.ts';
import { sopsSchema } from '../yaml/schema.ts';
import { parseYaml } from '../yaml/yaml.ts';

/** A file that SOPS encrypted, before anything of it is decrypted: what it holds, and who may open it. */
export interface SopsFile {
  /** In the order of the file, without `sops`. */
  readonly tree: SopsMap;
  /** The data key, encrypted for each of these; armored. */
  readonly ageKeys: readonly { readonly recipient: string; readonly enc: string }[];
  /** Encrypted too, for `lastModified`. */
  readonly mac: string;
  readonly lastModified: string;
  /** What is not encrypted is not part of the MAC. */
  readonly macOnlyEncrypted: boolean;
}

export type SopsMap = ReadonlyMap<string, SopsNode>;
export type SopsNode = SopsMap | readonly SopsNode[] | string | number | boolean | null;

/**
 * Reads the text of an encrypted file (A13).
 * @throws FairwayError `sops-file-invalid`, `sops-key-groups`, `sops-not-age`
 */
export function readSopsFile(text: string): SopsFile {
  const { documents, problems } = parseYaml(text, { file: 'sops', schema: sopsSchema });
  const [problem] = problems;
  if (problem !== undefined) throw invalid(`line ${problem.line}: ${problem.message}`);
  const [root] = documents.map(({ value }) => value);
  const envelope = isMap(root) ? root.get('sops') : undefined;
  if (documents.length !== 1 || !isMap(root) || !isMap(envelope)) throw invalid('it is not one map with sops in it');
  const mac = envelope.get('mac');
  const lastModified = envelope.get('lastmodified');
  if (typeof mac !== 'string' || typeof lastModified !== 'string') throw invalid('sops.mac or sops.lastmodified lacks');
  return {
    tree: new Map([...root].filter(([key]) => key !== 'sops')),
    ageKeys: ageKeysOf(envelope),
    mac,
    lastModified,
    macOnlyEncrypted: envelope.get('mac_only_encrypted') === true,
  };
}

/** True for a map of the file. */
export function isMap(node: unknown): node is SopsMap {
  return node instanceof Map;
}

function ageKeysOf(envelope: SopsMap): SopsFile['ageKeys'] {
  if (envelope.has('key_groups')) {
    throw new FairwayError('sops-key-groups', 'The data key is split over several groups of keys.', {
      field: 'sops.key_groups',
      remedy: 'Encrypt the file for age recipients, in one group.',
    });
  }
  const keys = envelope.get('age');
  const found = (Array.isArray(keys) ? (keys as readonly SopsNode[]) : []).flatMap((key) => {
    const [recipient, enc] = isMap(key) ? [key.get('recipient'), key.get('enc')] : [];
    return typeof recipient === 'string' && typeof enc === 'string' ? [{ recipient, enc }] : [];
  });
  if (found.length > 0) return found;
  throw new FairwayError('sops-not-age', 'The file is encrypted for no age recipient.', {
    field: 'sops.age',
    remedy: 'Add one: `sops rotate -i --add-age age1… FILE`. Agents open nothing but age.',
  });
}

function invalid(why: string): FairwayError {
  return new FairwayError('sops-file-invalid', `The file is not as SOPS writes it: ${why}.`, {
    field: 'sops',
    remedy: 'Encrypt it again with `sops encrypt`.',
  });
}

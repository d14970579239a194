import type { PinSpec } from '../../core/kinds/pin.ts';
import { commitMessage, type PinMove } from '../../core/promotion/commit-message.ts';
import { pinOf } from '../../core/promotion/pin.ts';
import { type PinKey, pinPath, writePin } from '../../core/promotion/pin-file.ts';
import type { Mirror } from '../sources/mirror.ts';
import { scanPins } from '../sources/scan.ts';
import { signedCommit } from '../sources/signed-commit.ts';
import type { PromotionContext } from './context.ts';
import type { PromotionRow } from './records.ts';

/** The pins' branch as it stands at the remote. */
export interface PinsBranch {
  /** Null: there is no such branch yet. */
  readonly head: string | null;
  readonly pinOf: (key: PinKey) => StandingPin | null;
  /** Files that cannot be read as pins. */
  readonly broken: ReadonlySet<string>;
}

interface StandingPin {
  readonly spec: PinSpec;
  readonly file: string;
}

/** Reads the pins' branch from the remote. @throws FairwayError of the mirror */
export async function readPinsBranch(mirror: Mirror, branch: string): Promise<PinsBranch> {
  const head = await remoteHead(mirror, branch);
  if (head === null) return { head, pinOf: () => null, broken: new Set() };
  await mirror.fetch(head, branch);
  const { items, files } = await scanPins(mirror, head);
  const pins = new Map(items.map((pin) => [pinPath(pin), pin]));
  return { head, pinOf: (key) => pins.get(pinPath(key)) ?? null, broken: files.broken };
}

/** The head of a branch of the remote; null where there is no such branch. @throws FairwayError of the mirror */
export async function remoteHead(mirror: Mirror, branch: string): Promise<string | null> {
  try {
    return await mirror.remoteHead(branch);
  } catch (error) {
    if (error instanceof Error && 'code' in error && error.code === 'branch-missing') return null;
    throw error;
  }
}

/** What one commit writes. */
export interface PinWrite {
  readonly key: PinKey;
  /** Null: the pin is to be gone. */
  readonly spec: PinSpec | null;
}

/** As which the hub signs. */
const author = 'Fairway <pins@fairway.dev>';

/**
 * Makes a signed commit on top of a branch that changes some pins and nothing else; it is nowhere but in the mirror.
 * The same change on the same head is the same commit, however often it is made.
 * @param at milliseconds since the epoch
 * @returns its id
 */
export async function makePinCommit(
  { signer }: Pick<PromotionContext, 'signer'>,
  mirror: Mirror,
  branch: PinsBranch,
  writes: readonly PinWrite[],
  { at, message }: { readonly at: number; readonly message: string },
): Promise<string> {
  const { head } = branch;
  const contents = new Map<string, string | null>();
  for (const { key, spec } of writes) {
    const file = branch.pinOf(key)?.file ?? pinPath(key);
    const before = contents.has(file) ? contents.get(file) : await textAt(mirror, head, file);
    contents.set(file, writePin(before ?? null, key, spec));
  }
  const files = new Map([...contents].map(([file, text]) => [file, text === null ? null : Buffer.from(text)]));
  const tree = await mirror.writeTree(head, files);
  const parents = head === null ? [] : [head];
  return mirror.writeCommit(signedCommit({ tree, parents, author, at, message }, (content) => signer.sign(content)));
}

/** What a promotion's commit writes. */
export function writeOf(row: PromotionRow): PinWrite {
  const { id, kind, source, revision, requested_by: requestedBy, reason } = row;
  const target = source === null || revision === null ? null : { source, revision };
  return { key: row, spec: pinOf({ id, kind, target, requestedBy, reason }) };
}

/** @param approvers who approved, by promotion */
export function messageOf(rows: readonly PromotionRow[], approvers: ReadonlyMap<number, readonly string[]>): string {
  return commitMessage(
    rows.map((row): PinMove => {
      const { id, kind, environment, application, release, reason } = row;
      return {
        ...{ promotion: id, kind, environment, application, release, reason },
        requestedBy: row.requested_by,
        approvedBy: approvers.get(id) ?? [],
        planDigest: row.plan_digest,
      };
    }),
  );
}

async function textAt(mirror: Mirror, commit: string | null, file: string): Promise<string | null> {
  const content = commit === null ? null : await mirror.read(commit, file);
  return content === null ? null : Buffer.from(content).toString();
}

import { createHash } from 'node:crypto';
import { promisify } from 'node:util';
import { gunzip, gzip } from 'node:zlib';
import type { KubeObject } from '../../core/objects/object.ts';
import type { Kube, Resource } from '../kube/port.ts';
import { type State, StateCorrupt } from './port.ts';
import { decodeRecord, encodeRecord } from './record.ts';
import { createSequence } from './sequence.ts';

const secrets: Resource = { group: '', version: 'v1', kind: 'Secret', plural: 'secrets', namespaced: true };
/** On every Secret of the state: `head` or `part`. */
const roleLabel = 'fairway.dev/state';
/** Says which record a Secret belongs to, by the digest of its name. */
const recordLabel = 'fairway.dev/state-record';
const nameAnnotation = 'fairway.dev/state-name';
const partsAnnotation = 'fairway.dev/state-parts';
/** A Secret holds 1 MiB. */
const partBytes = 900_000;

export interface SecretStateOptions {
  readonly kube: Pick<Kube, 'get' | 'list' | 'apply' | 'delete'>;
  readonly namespace: string;
}

/**
 * State in Secrets of the agent's namespace, for an agent without a disk (L4). A record is compressed and cut into
 * parts, each a Secret named by its digest; its head, a Secret too, lists them. The head is written after its parts
 * and before the old ones go, so that a half-written record never shows. One agent at a time writes.
 */
export async function openSecretState({ kube, namespace }: SecretStateOptions): Promise<State> {
  const inOrder = createSequence();
  const at = (name: string) => ({ namespace, name });
  const select = async (labelSelector: string) =>
    (await kube.list(secrets, { namespace, labelSelector, metadataOnly: true })).items;
  const put = async (name: string, role: 'head' | 'part', record: string, rest: object, annotations = {}) => {
    const labels = { [roleLabel]: role, [recordLabel]: record };
    const metadata = { name, namespace, labels, annotations };
    const object: KubeObject = { apiVersion: 'v1', kind: 'Secret', metadata, type: 'fairway.dev/state', ...rest };
    await kube.apply(secrets, object, { force: true });
  };
  const deleteParts = async (record: string, keep: ReadonlySet<string>) => {
    for (const { metadata } of await select(`${roleLabel}=part,${recordLabel}=${record}`)) {
      if (!keep.has(metadata.name)) await kube.delete(secrets, at(metadata.name));
    }
  };

  const heads = await select(`${roleLabel}=head`);
  for (const { metadata } of heads.filter((head) => nameOfHead(head) === null)) {
    // Somebody changed it: it says no more which record it is, and whoever had that record builds it anew.
    await kube.delete(secrets, at(metadata.name));
  }
  const listed = new Set(
    heads.filter((head) => nameOfHead(head) !== null).flatMap(({ metadata }) => partsOf(metadata.annotations)),
  );
  for (const { metadata } of await select(`${roleLabel}=part`)) {
    // A crash between a head and its parts leaves them behind.
    if (!listed.has(metadata.name)) await kube.delete(secrets, at(metadata.name));
  }

  return {
    read: (name) =>
      inOrder(name, async () => {
        const head = await kube.get(secrets, at(headName(name)));
        if (head === null) return null;
        const parts = partsOf(head.metadata.annotations);
        const found = await Promise.all(parts.map((part) => kube.get(secrets, at(part))));
        const packed = Buffer.concat(found.map((part) => contentOf(part)));
        if (parts.length === 0 || found.includes(null)) {
          throw new StateCorrupt(name, `the record ${JSON.stringify(name)} lacks a part`);
        }
        return decodeRecord(name, await unpack(name, packed));
      }),

    write: (name, content) =>
      inOrder(name, async () => {
        const record = recordOf(name);
        const packed = await promisify(gzip)(encodeRecord(name, content));
        const names: string[] = [];
        for (let start = 0; start < packed.length; start += partBytes) {
          const bytes = packed.subarray(start, start + partBytes);
          const part = `fairway-state-${record}-${hex(bytes)}`;
          await put(part, 'part', record, { data: { content: bytes.toString('base64') } });
          names.push(part);
        }
        await put(headName(name), 'head', record, {}, { [nameAnnotation]: name, [partsAnnotation]: names.join(',') });
        await deleteParts(record, new Set(names));
      }),

    remove: (name) =>
      inOrder(name, async () => {
        await kube.delete(secrets, at(headName(name)));
        await deleteParts(recordOf(name), new Set());
      }),

    async list(prefix) {
      const names = (await select(`${roleLabel}=head`)).map(nameOfHead).filter((name) => name !== null);
      return names.filter((name) => name.startsWith(prefix)).sort();
    },
  };
}

function hex(content: string | Uint8Array): string {
  return createHash('sha256').update(content).digest('hex').slice(0, 40);
}

function recordOf(name: string): string {
  return hex(name);
}

function headName(name: string): string {
  return `fairway-state-${recordOf(name)}`;
}

/** The record that a head is of; null where it does not say so any more. */
function nameOfHead({ metadata }: KubeObject): string | null {
  const name = metadata.annotations?.[nameAnnotation];
  return name !== undefined && headName(name) === metadata.name ? name : null;
}

function partsOf(annotations: Readonly<Record<string, string>> | undefined): string[] {
  return (annotations?.[partsAnnotation] ?? '').split(',').filter((part) => part !== '');
}

function contentOf(part: KubeObject | null): Uint8Array {
  const data = part?.data as { content?: string } | undefined;
  return Buffer.from(data?.content ?? '', 'base64');
}

async function unpack(name: string, packed: Uint8Array): Promise<Uint8Array> {
  try {
    return await promisify(gunzip)(packed);
  } catch (cause) {
    const corrupt = new StateCorrupt(name, `the record ${JSON.stringify(name)} does not unpack`);
    corrupt.cause = cause;
    throw corrupt;
  }
}

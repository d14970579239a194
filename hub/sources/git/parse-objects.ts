import { isUtf8 } from 'node:buffer';
import type { TreeEntry } from '../mirror.ts';

/**
 * Git's objects, read with patience: whoever may push can write one by hand, and what is odd about one must not keep
 * the rest of the repository from being read (G6).
 */

/** What the hub reads of a commit. */
export interface ParsedCommit {
  readonly tree: string;
  readonly parents: readonly string[];
  /** `Name <e-mail>`; empty where the commit names nobody. */
  readonly author: string;
  readonly message: string;
  /** Seconds since the epoch, from 1970 to 9999; 0 where the commit does not say. */
  readonly committedAt: number;
}

/** Characters that are kept. */
const messageLimit = 64 * 1024;
const authorLimit = 1_000;
/** The last second that databases and calendars agree on. */
const lastSecond = Date.UTC(9999, 11, 31) / 1_000;

/** Reads the content of a commit object. Where something is missing or malformed, the empty value is taken. */
export function parseCommit(content: Uint8Array): ParsedCommit {
  const text = Buffer.from(content).toString('utf8');
  const blank = text.indexOf('\n\n');
  const headers = (blank < 0 ? text : text.slice(0, blank)).split('\n');
  const valuesOf = (name: string) =>
    headers.filter((line) => line.startsWith(`${name} `)).map((line) => line.slice(name.length + 1));
  const [author = ''] = valuesOf('author');
  const [committer = ''] = valuesOf('committer');
  const seconds = Number(/^> *(-?\d+)/.exec(committer.slice(committer.lastIndexOf('>')))?.[1] ?? 0);
  return {
    tree: valuesOf('tree')[0] ?? '',
    parents: valuesOf('parent'),
    author: withoutNul(withoutTime(author)).slice(0, authorLimit),
    message: blank < 0 ? '' : withoutNul(text.slice(blank + 2, blank + 2 + messageLimit)).trimEnd(),
    committedAt: Math.min(Math.max(0, seconds), lastSecond),
  };
}

/**
 * Reads the content of a tree object: for each entry its mode, a space, its name, a NUL and the 20 bytes of an id.
 * Names that would lead out of the tree are left out, as Git's own checks refuse them.
 * @returns the entries by name
 */
export function parseTree(content: Uint8Array): TreeEntry[] {
  const bytes = Buffer.from(content.buffer, content.byteOffset, content.byteLength);
  const entries: TreeEntry[] = [];
  for (let at = 0; at < bytes.length; ) {
    const space = bytes.indexOf(' ', at);
    const end = space < 0 ? -1 : bytes.indexOf(0, space);
    if (end < 0 || end + 21 > bytes.length) break;
    const name = nameOf(bytes.subarray(space + 1, end));
    const type = typeOf(bytes.toString('latin1', at, space));
    const id = bytes.toString('hex', end + 1, end + 21);
    if (isSafeName(name)) entries.push({ name, id, type });
    at = end + 21;
  }
  return entries.sort((one, other) => (one.name < other.name ? -1 : 1));
}

function withoutTime(person: string): string {
  const end = person.lastIndexOf('>');
  return end < 0 ? person : person.slice(0, end + 1);
}

function typeOf(mode: string): TreeEntry['type'] {
  switch (mode.replace(/^0/, '')) {
    case '40000':
      return 'tree';
    case '120000':
      return 'link';
    case '160000':
      return 'commit';
    default:
      return 'blob';
  }
}

/** A name is bytes. One that is no UTF-8 is read byte by byte, so that two of them never become one. */
function nameOf(bytes: Buffer): string {
  return bytes.toString(isUtf8(bytes) ? 'utf8' : 'latin1');
}

function isSafeName(name: string): boolean {
  return name !== '' && name !== '.' && name !== '..' && !/^\.git$/i.test(name) && !name.includes('/');
}

/** PostgreSQL keeps no NUL in a text. */
function withoutNul(text: string): string {
  return text.replaceAll('\0', '');
}

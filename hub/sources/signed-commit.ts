/** What a commit says, before it is signed. */
export interface CommitText {
  readonly tree: string;
  readonly parents: readonly string[];
  /** `Name <e-mail>`, of its author and committer. */
  readonly author: string;
  /** Milliseconds since the epoch. */
  readonly at: number;
  readonly message: string;
}

/**
 * The content of a commit object, signed as Git signs by an SSH key. The same text, signed by the same key, is the
 * same commit.
 * @param sign makes an armoured signature of what it is given
 */
export function signedCommit(
  { tree, parents, author, at, message }: CommitText,
  sign: (content: Buffer) => string,
): Buffer {
  const who = `${author} ${Math.floor(at / 1000)} +0000`;
  const headers = [`tree ${tree}`, ...parents.map((parent) => `parent ${parent}`), `author ${who}`, `committer ${who}`];
  const body = `\n\n${message.trimEnd()}\n`;
  const signature = sign(Buffer.from(headers.join('\n') + body)).replaceAll('\n', '\n ');
  return Buffer.from(`${headers.join('\n')}\ngpgsig ${signature}${body}`);
}

/** Takes a commit object apart: its signature, and what that was made of; null where it is not signed. */
export function signatureOf(content: Uint8Array): { readonly signature: string; readonly signed: Buffer } | null {
  // Byte by byte: a message need not be UTF-8, and what was signed are its bytes.
  const text = Buffer.from(content).toString('latin1');
  const end = text.indexOf('\n\n');
  const headers = end < 0 ? text : text.slice(0, end);
  const match = /\ngpgsig (?<signature>.*(?:\n .*)*)/.exec(headers);
  if (match?.groups === undefined) return null;
  const signed =
    headers.slice(0, match.index) + headers.slice(match.index + match[0].length) + text.slice(headers.length);
  return { signature: (match.groups.signature ?? '').replaceAll('\n ', '\n'), signed: Buffer.from(signed, 'latin1') };
}

import { createHash } from 'node:crypto';
import { StateCorrupt } from './port.ts';

/**
 * A record as it is stored: a line that says what follows, then the content.
 * `fairway-state 1 LENGTH SHA256 "NAME"`
 */
// `s`: JSON leaves U+2028 and U+2029 as they are, and a dot alone stops at them.
const header = /^fairway-state 1 (\d+) ([0-9a-f]{64}) (".*")$/s;
const newline = 0x0a;

export function encodeRecord(name: string, content: Uint8Array): Uint8Array {
  const line = `fairway-state 1 ${content.length} ${checksum(name, content)} ${JSON.stringify(name)}\n`;
  return Buffer.concat([Buffer.from(line), content]);
}

/**
 * @returns the content
 * @throws StateCorrupt where it is not what was written under this name
 */
export function decodeRecord(name: string, stored: Uint8Array): Uint8Array {
  const end = stored.indexOf(newline);
  const found = header.exec(Buffer.from(stored.subarray(0, Math.max(0, end))).toString('utf8'));
  if (found === null) throw new StateCorrupt(name, `the record ${JSON.stringify(name)} does not begin as one`);
  const [, length, sum, writtenAs] = found;
  const content = stored.subarray(end + 1);
  if (writtenAs !== JSON.stringify(name)) {
    throw new StateCorrupt(name, `the record ${JSON.stringify(name)} was written as ${writtenAs}`);
  }
  if (content.length !== Number(length)) {
    throw new StateCorrupt(name, `the record ${JSON.stringify(name)} has ${content.length} bytes of ${length}`);
  }
  if (checksum(name, content) !== sum) {
    throw new StateCorrupt(name, `the record ${JSON.stringify(name)} was changed since it was written`);
  }
  return content;
}

/** Hexadecimal SHA-256 of a name and a content together. */
function checksum(name: string, content: Uint8Array): string {
  return createHash('sha256').update(`${name}\0`).update(content).digest('hex');
}

import { inflateSync } from 'node:zlib';
import { gitError } from './failure.ts';

/** Bytes of one object. A megabyte of a pack can stand for a gigabyte of zeros, and whoever reads it needs room for all. */
const objectLimit = 256 * 1024 * 1024;

/**
 * Looks through a host's answer before anything is made of the pack in it. What is no pack, or a broken one, passes:
 * whoever reads it says so better.
 * @param limit bytes of one object
 * @throws FairwayError `tree-too-large` where an object is larger than the hub reads
 */
export function checkPack(answer: Buffer, limit = objectLimit): void {
  const pack = packOf(answer);
  if (pack === null) return;
  const refuse = () => gitError('tree-too-large', `a file or folder of the repository has more than ${limit} bytes`);
  const count = pack.readUInt32BE(8);
  let at = 12;
  for (let index = 0; index < count && at < pack.length; index++) {
    const { type, size, end } = headerAt(pack, at);
    if (size > limit) throw refuse();
    const content = inflateAt(pack, end, size);
    if (content === 'longer') throw refuse();
    if (content === 'broken') return;
    if (isDelta(type) && targetSize(content.bytes) > limit) throw refuse();
    at = content.end;
  }
}

/** The pack that the answer carries in its side band: packets of four hexadecimal digits of length, a band, data. */
function packOf(answer: Buffer): Buffer | null {
  const parts: Buffer[] = [];
  for (let at = 0; at + 4 <= answer.length; ) {
    const length = Number.parseInt(answer.toString('latin1', at, at + 4), 16);
    if (Number.isNaN(length)) return null;
    if (length > 5 && answer[at + 4] === 1) parts.push(answer.subarray(at + 5, at + length));
    at += Math.max(4, length);
  }
  const pack = Buffer.concat(parts);
  return pack.length > 12 && pack.toString('latin1', 0, 4) === 'PACK' ? pack : null;
}

const offsetDelta = 6;
const referenceDelta = 7;
const isDelta = (type: number) => type === offsetDelta || type === referenceDelta;

/** Type, inflated size, and where the content begins: after the base's offset or id, for a delta. */
function headerAt(pack: Buffer, start: number): { type: number; size: number; end: number } {
  const first = pack[start] ?? 0;
  const type = (first >> 4) & 7;
  const rest = numberAt(pack, start, 15);
  let { end } = rest;
  if (type === referenceDelta) end += 20;
  if (type === offsetDelta) end = numberAt(pack, end, 127).end;
  return { type, size: rest.value, end };
}

/** A number in groups of seven bits, the least first; `mask` says which bits of the first byte count. */
function numberAt(bytes: Uint8Array, start: number, mask: number): { value: number; end: number } {
  let value = (bytes[start] ?? 0) & mask;
  let factor = mask + 1;
  let end = start;
  while (((bytes[end] ?? 0) & 0x80) !== 0 && end - start < 8) {
    end++;
    value += ((bytes[end] ?? 0) & 0x7f) * factor;
    factor *= 128;
  }
  return { value, end: end + 1 };
}

/** A delta begins with the size of its base, then that of what it makes. */
function targetSize(delta: Uint8Array): number {
  return numberAt(delta, numberAt(delta, 0, 127).end, 127).value;
}

/** `longer` where the content has more bytes than it said. */
function inflateAt(
  pack: Buffer,
  start: number,
  size: number,
): { readonly bytes: Uint8Array; readonly end: number } | 'longer' | 'broken' {
  try {
    const options = { info: true, maxOutputLength: Math.max(1, size) } as const;
    const { buffer, engine } = inflateSync(pack.subarray(start), options) as unknown as {
      buffer: Uint8Array;
      engine: { bytesWritten: number };
    };
    return { bytes: buffer, end: start + engine.bytesWritten };
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === 'ERR_BUFFER_TOO_LARGE' ? 'longer' : 'broken';
  }
}

/** Collects bytes until a line is whole, so that a character split between two chunks is never torn. */
export interface LineSplitter {
  /** @returns the lines that these bytes complete. Empty lines are left out. */
  push(chunk: Uint8Array): string[];
}

const newline = 0x0a;

/**
 * @param maxBytes of one line
 * @throws RangeError from `push` where a line is longer
 */
export function createLineSplitter(maxBytes: number): LineSplitter {
  let held: Uint8Array[] = [];
  let heldBytes = 0;

  const hold = (part: Uint8Array) => {
    heldBytes += part.length;
    if (heldBytes > maxBytes) throw new RangeError(`a line of the watch is longer than ${maxBytes} bytes`);
    if (part.length > 0) held.push(part);
  };
  return {
    push(chunk) {
      const lines: string[] = [];
      let start = 0;
      for (let end = chunk.indexOf(newline); end >= 0; end = chunk.indexOf(newline, start)) {
        hold(chunk.subarray(start, end));
        const line = Buffer.concat(held).toString('utf8');
        if (line.trim() !== '') lines.push(line);
        held = [];
        heldBytes = 0;
        start = end + 1;
      }
      hold(chunk.subarray(start));
      return lines;
    },
  };
}

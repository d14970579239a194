import { stripVTControlCharacters } from 'node:util';
import { textWidth } from '../text-width.ts';

/** Lines that stay, and below them a few that are redrawn in place. */
export interface Screen {
  /** Writes lines that stay, above the frame. */
  add(lines: readonly string[]): void;
  /** Replaces the frame. */
  frame(lines: readonly string[]): void;
  /** Where the frame has to fit in; columns are endless where nobody looks. */
  size(): { readonly columns: number; readonly rows: number };
  /** Leaves the last frame where it is. */
  close(): void;
}

/** What of a stream a screen needs. */
export interface ScreenStream {
  readonly isTTY?: boolean;
  readonly columns?: number;
  readonly rows?: number;
  write(text: string): unknown;
  on(event: 'resize', listener: () => void): unknown;
  off(event: 'resize', listener: () => void): unknown;
}

/** A terminal's screen; where the stream is none, lines alone. Nothing is cleared but the frame, so all else scrolls. */
export function createScreen(stream: ScreenStream, dumb: boolean): Screen {
  return stream.isTTY === true && !dumb ? terminalScreen(stream) : plainScreen(stream);
}

function plainScreen(stream: ScreenStream): Screen {
  return {
    add: (lines) => lines.length > 0 && stream.write(`${lines.join('\n')}\n`),
    frame: () => undefined,
    size: () => ({ columns: Number.POSITIVE_INFINITY, rows: Number.POSITIVE_INFINITY }),
    close: () => undefined,
  };
}

function terminalScreen(stream: ScreenStream): Screen {
  let frame: readonly string[] = [];
  let drawn: readonly string[] = [];
  const size = () => ({ columns: stream.columns || 80, rows: stream.rows || 24 });

  /** Back to where the frame began: a terminal that was made narrower has wrapped its lines since. */
  const erase = () => {
    const { columns } = size();
    const rows = drawn.reduce((sum, line) => sum + Math.max(1, Math.ceil(widthOf(line) / columns)), 0);
    return rows === 0 ? '' : `\u001b[${rows}A\r\u001b[J`;
  };
  const draw = (above: readonly string[]) => {
    const { columns, rows } = size();
    const back = erase();
    drawn = frame.slice(0, rows - 1).map((line) => cut(line, columns - 1));
    // One write, so that nothing flickers.
    stream.write(back + [...above, ...drawn].map((line) => `${line}\n`).join(''));
  };
  const redraw = () => draw([]);
  stream.on('resize', redraw);
  return {
    add: (lines) => lines.length > 0 && draw(lines),
    frame(lines) {
      if (lines.length === frame.length && lines.every((line, index) => line === frame[index])) return;
      frame = lines;
      redraw();
    },
    size,
    close: () => stream.off('resize', redraw),
  };
}

function widthOf(line: string): number {
  return textWidth(stripVTControlCharacters(line));
}

// biome-ignore lint/suspicious/noControlCharactersInRegex: what colours a text begins with one
const colour = /(\u001b\[[\d;]*m)/;

/** Cuts a coloured line to so many columns. */
function cut(line: string, columns: number): string {
  if (widthOf(line) <= columns) return line;
  let left = columns - 1;
  let text = '';
  for (const part of line.split(colour)) {
    if (colour.test(part)) {
      text += part;
      continue;
    }
    for (const character of part) {
      left -= textWidth(character);
      if (left < 0) break;
      text += character;
    }
  }
  return `${text}…`;
}

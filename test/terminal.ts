import type { ScreenStream } from '../cli/up/screen.ts';

/** A terminal of a size, as far as Fairway writes to it: lines that wrap, a cursor that moves up, clearing downward. */
export interface TestTerminal extends ScreenStream {
  columns: number;
  readonly isTTY: true;
  /** Everything that was ever shown, without colours: what scrolled away and what is in view. */
  text(): string;
  /** Makes it narrower or wider: a line that no longer fits wraps. */
  resize(columns: number): void;
}

export function createTestTerminal(columns: number, rows: number): TestTerminal {
  /** Lines as they were written; each takes as many rows as it needs. */
  let lines: string[] = [''];
  const listeners = new Set<() => void>();
  const terminal: TestTerminal = {
    isTTY: true,
    columns,
    rows,
    write(text) {
      // biome-ignore lint/suspicious/noControlCharactersInRegex: they are what a terminal obeys
      for (const [part] of text.matchAll(/\u001b\[[\d;]*[A-Za-z]|[^\u001b]|\u001b/g)) obey(part);
    },
    on: (_event, listener) => listeners.add(listener),
    off: (_event, listener) => listeners.delete(listener),
    text: () => lines.join('\n').trimEnd(),
    resize(width) {
      terminal.columns = width;
      for (const listener of listeners) listener();
    },
  };
  let row = 0;

  const obey = (part: string) => {
    if (part === '\n') {
      row += 1;
      if (row === lines.length) lines.push('');
    } else if (part.endsWith('A') && part.length > 2) {
      let up = Number(part.slice(2, -1));
      while (up > 0 && row > 0) {
        row -= 1;
        up -= Math.max(1, Math.ceil((lines[row] ?? '').length / terminal.columns));
      }
    } else if (part === '\u001b[J') lines = lines.slice(0, row).concat('');
    else if (part.length === 1 && part !== '\r') lines[row] = `${lines[row] ?? ''}${part}`;
  };
  return terminal;
}

import type { Style, Terminal } from './terminal.ts';
import { singleLine, textWidth } from './text-width.ts';

/** One cell: a text, or a text with a colour. Null is shown as a dash. */
export type Cell = string | number | null | { readonly text: string; readonly style: Style };

/** An aligned table: a heading, then one line a row. No rows: the sentence that says so. */
export function renderTable(
  terminal: Pick<Terminal, 'style'>,
  headings: readonly string[],
  rows: readonly (readonly Cell[])[],
  nothing: string,
): string {
  if (rows.length === 0) return nothing;
  const texts = [headings, ...rows.map((row) => row.map(textOf))];
  const widths = headings.map((_, column) => Math.max(...texts.map((row) => textWidth(row[column] ?? ''))));
  const lines = texts.map((row, index) => {
    const cells = row.map((text, column) => {
      const padded = column === row.length - 1 ? text : text + ' '.repeat((widths[column] ?? 0) - textWidth(text));
      const style = index === 0 ? 'bold' : styleOf(rows[index - 1]?.[column] ?? null);
      return style === null ? padded : terminal.style(style, padded);
    });
    return cells.join('   ').trimEnd();
  });
  return lines.join('\n');
}

function textOf(cell: Cell): string {
  if (cell === null || cell === '') return '-';
  return singleLine(typeof cell === 'object' ? cell.text : String(cell));
}

function styleOf(cell: Cell): Style | null {
  return cell !== null && typeof cell === 'object' ? cell.style : null;
}

import type { Problem } from '../../core/errors.ts';
import type { Terminal } from '../terminal.ts';
import { singleLine } from '../text-width.ts';
import { plural } from '../words.ts';

/** `file:line: error field: message`, a line each, as editors and CI read them; then how many there are. */
export function problemLines(terminal: Pick<Terminal, 'style'>, problems: readonly Problem[]): readonly string[] {
  const count = (severity: Problem['severity']) => problems.filter((problem) => problem.severity === severity).length;
  const lines = problems.flatMap(({ severity, file, line, field, message, remedy }) => {
    const place = file === null ? '' : `${file}:${line ?? 1}: `;
    const mark = terminal.style(severity === 'error' ? 'red' : 'yellow', severity);
    return [
      `${singleLine(place)}${place === '' ? '' : ' '}${mark}${field === null ? '' : ` ${field}`}: ${singleLine(message)}`,
      ...(remedy === null ? [] : [terminal.style('dim', `    next: ${singleLine(remedy)}`)]),
    ];
  });
  return [...lines, '', `${plural(count('error'), 'error')}, ${plural(count('warning'), 'warning')}`];
}

import { structuredPatch } from 'diff';
import { shown } from '../fields/mask.ts';
import { isSecret } from '../objects/object.ts';
import type { FieldChange } from './change.ts';
import type { FieldValues } from './fields.ts';

/** Lines of one field that are shown at most, and the edits that are looked for before a text counts as another. */
const longestDiff = 200;
const mostEdits = 500;

/** A field's change as people may see it: Secrets masked, long values cut, long texts line by line (A11). */
export function showField(
  kind: { readonly group: string; readonly kind: string },
  { field, path, before, after }: FieldValues,
): FieldChange {
  const hidden = isSecret(kind);
  // What SOPS encrypted is not looked into at all (A13).
  const object = { ...kind, sealed: [] };
  return {
    field,
    before: shown(object, path, before),
    after: shown(object, path, after),
    lines: hidden || !isText(before) || !isText(after) ? null : lineDiff(before, after),
  };
}

/** Null where the texts have little in common. */
function lineDiff(before: string, after: string): readonly string[] | null {
  const patch = structuredPatch('', '', before, after, '', '', { context: 2, maxEditLength: mostEdits });
  if (patch === undefined) return null;
  const lines = patch.hunks.flatMap(({ oldStart, oldLines, newStart, newLines, lines }) => [
    `@@ -${oldStart},${oldLines} +${newStart},${newLines} @@`,
    ...lines,
  ]);
  if (lines.length <= longestDiff) return lines;
  return [...lines.slice(0, longestDiff), `@@ … ${lines.length - longestDiff} more lines @@`];
}

function isText(value: unknown): value is string {
  return typeof value === 'string' && value.includes('\n');
}

import { FairwayError } from './errors.ts';
import type { LabelSelector, SelectorRequirement } from './selector.ts';

/**
 * Reads a label selector as kubectl writes it: `env=prod,region in (eu,us),tier!=db,app,!legacy`.
 * @param field what to name in an error
 * @throws FairwayError `selector-invalid`, which names the part that is wrong and its position
 */
export function parseSelector(text: string, field = 'labelSelector'): LabelSelector {
  if (text.trim() === '') return {};
  return { matchExpressions: split(text, field).map((part) => parseRequirement(part, field)) };
}

/** The text of a selector, as `parseSelector` reads it. */
export function formatSelector(selector: LabelSelector): string {
  const parts = Object.entries(selector.matchLabels ?? {}).map(([key, value]) => `${key}=${value}`);
  for (const { key, operator, values = [] } of selector.matchExpressions ?? []) {
    const list = `(${values.join(',')})`;
    if (operator === 'In') parts.push(values.length === 1 ? `${key}=${values[0]}` : `${key} in ${list}`);
    else if (operator === 'NotIn') parts.push(values.length === 1 ? `${key}!=${values[0]}` : `${key} notin ${list}`);
    else parts.push(operator === 'Exists' ? key : `!${key}`);
  }
  return parts.join(',');
}

interface Part {
  readonly text: string;
  /** From 1. */
  readonly position: number;
}

/** Splits at the commas that stand outside parentheses. */
function split(text: string, field: string): Part[] {
  const parts: Part[] = [];
  let depth = 0;
  let start = 0;
  for (let index = 0; index <= text.length; index++) {
    const character = text[index];
    if (character === '(') depth++;
    if (character === ')') depth--;
    if (depth < 0 || depth > 1) throw invalid(field, index + 1, `a parenthesis that does not belong there`);
    if (character === undefined || (character === ',' && depth === 0)) {
      const part = text.slice(start, index);
      parts.push({ text: part.trim(), position: start + 1 + (part.length - part.trimStart().length) });
      start = index + 1;
    }
  }
  if (depth !== 0) throw invalid(field, text.length + 1, 'a closing parenthesis is missing');
  return parts;
}

const setForm = /^(\S+?)\s+(in|notin)\s*\(([^()]*)\)$/;
const equalForm = /^([^=!\s]+)\s*(!=|==|=)\s*(\S*)$/;

function parseRequirement(part: Part, field: string): SelectorRequirement {
  const { text, position } = part;
  if (text === '') throw invalid(field, position, 'an empty requirement (two commas, or one at an end)');
  const set = setForm.exec(text);
  if (set !== null) {
    const [, key = '', operator, list = ''] = set;
    const values = list.split(',').map((value) => checkValue(value.trim(), part, field));
    return { key: checkKey(key, part, field), operator: operator === 'in' ? 'In' : 'NotIn', values };
  }
  const equal = equalForm.exec(text);
  if (equal !== null) {
    const [, key = '', operator, value = ''] = equal;
    const values = [checkValue(value, part, field)];
    return { key: checkKey(key, part, field), operator: operator === '!=' ? 'NotIn' : 'In', values };
  }
  if (text.startsWith('!')) return { key: checkKey(text.slice(1).trim(), part, field), operator: 'DoesNotExist' };
  return { key: checkKey(text, part, field), operator: 'Exists' };
}

const keyForm = /^([a-z0-9]([a-z0-9.-]{0,251}[a-z0-9])?\/)?[A-Za-z0-9]([A-Za-z0-9._-]{0,61}[A-Za-z0-9])?$/;
const valueForm = /^([A-Za-z0-9]([A-Za-z0-9._-]{0,61}[A-Za-z0-9])?)?$/;

/** True for a label's key, with or without a prefix. */
function isLabelKey(key: string): boolean {
  return keyForm.test(key);
}

/** True for a label's value; the empty one is good. */
function isLabelValue(value: string): boolean {
  return valueForm.test(value);
}

function checkKey(key: string, part: Part, field: string): string {
  if (!isLabelKey(key)) throw invalid(field, part.position, `"${part.text}": "${key}" is not a label key`);
  return key;
}

function checkValue(value: string, part: Part, field: string): string {
  if (!isLabelValue(value)) throw invalid(field, part.position, `"${part.text}": "${value}" is not a label value`);
  return value;
}

function invalid(field: string, position: number, message: string): FairwayError {
  return new FairwayError('selector-invalid', `${field}, at character ${position}: ${message}`, {
    field,
    remedy: 'write it like env=prod,region in (eu,us),tier!=db,app,!legacy',
  });
}

import { EVENT_ID, type Event, getScalarValue, SCALAR_STYLE, type ScalarEvent } from 'js-yaml';
import { offsetOf } from './positions.ts';
import { integerOf } from './schema.ts';

/** What is wrong with a text that is good YAML, and where. */
export interface Refusal {
  readonly code: 'yaml-alias-bomb' | 'yaml-alias-cycle' | 'yaml-number' | 'yaml-text';
  readonly offset: number;
  readonly message: string;
  readonly remedy: string;
}

/** Aliases may add this many characters to what a file says. */
const expansionLimit = 2 * 1024 * 1024;

/**
 * Looks through a file's events, before any value is made of them, for what YAML allows and Fairway does not:
 * aliases that multiply (a few lines can mean gigabytes), aliases inside themselves, and numbers and texts that no
 * database and no JSON parser is sure to carry.
 */
export function refusalOf(text: string, events: readonly Event[]): Refusal | null {
  const open: { anchor: string | null; size: number }[] = [];
  let sizes = new Map<string, number | 'open'>();
  let expanded = 0;

  const add = (size: number) => {
    const parent = open.at(-1);
    if (parent !== undefined) parent.size += size;
  };
  for (const event of events) {
    switch (event.type) {
      case EVENT_ID.DOCUMENT:
        sizes = new Map();
        open.push({ anchor: null, size: 0 });
        break;
      case EVENT_ID.SEQUENCE:
      case EVENT_ID.MAPPING: {
        const anchor = anchorOf(text, event);
        if (anchor !== null) sizes.set(anchor, 'open');
        open.push({ anchor, size: 1 });
        break;
      }
      case EVENT_ID.SCALAR: {
        const size = 1 + Math.max(0, event.valueEnd - event.valueStart);
        const anchor = anchorOf(text, event);
        if (anchor !== null) sizes.set(anchor, size);
        add(size);
        const refusal = refuseScalar(text, event);
        if (refusal !== null) return refusal;
        break;
      }
      case EVENT_ID.ALIAS: {
        const size = sizes.get(text.slice(event.anchorStart, event.anchorEnd)) ?? 0;
        if (size === 'open') return cycle(event.anchorStart);
        expanded += size;
        if (expanded > expansionLimit) return bomb(event.anchorStart);
        add(size);
        break;
      }
      case EVENT_ID.POP: {
        const closed = open.pop();
        if (closed === undefined) break;
        if (closed.anchor !== null) sizes.set(closed.anchor, closed.size);
        add(closed.size);
        break;
      }
    }
  }
  return null;
}

function anchorOf(text: string, event: { readonly anchorStart: number; readonly anchorEnd: number }): string | null {
  return event.anchorStart < 0 ? null : text.slice(event.anchorStart, event.anchorEnd);
}

function refuseScalar(text: string, event: ScalarEvent): Refusal | null {
  const source = text.slice(event.valueStart, event.valueEnd);
  if (event.style === SCALAR_STYLE.PLAIN) return event.tagStart < 0 ? refuseNumber(source, offsetOf(event)) : null;
  if (event.style !== SCALAR_STYLE.DOUBLE_QUOTED || !/\\[0xuU]/.test(source)) return null;
  const value = getScalarValue(text, event);
  if (!value.includes('\0') && value.isWellFormed()) return null;
  const message = 'the text escapes U+0000, or half of a surrogate pair';
  return { code: 'yaml-text', offset: offsetOf(event), message, remedy: 'encode such data as Base64' };
}

function refuseNumber(source: string, offset: number): Refusal | null {
  const remedy = 'quote it, if it is meant as a text';
  if (source.length >= 12) {
    const integer = integerOf(source);
    if (integer !== null && !Number.isSafeInteger(integer)) {
      return {
        code: 'yaml-number',
        offset,
        // Not repeated: it may stand in a Secret (A11).
        message: 'an integer beyond 2^53 would lose digits',
        remedy,
      };
    }
  }
  if (source.length <= 5 && /^[-+]?\.(inf|Inf|INF|nan|NaN|NAN)$/.test(source)) {
    return { code: 'yaml-number', offset, message: `${source} is no number that JSON can carry`, remedy };
  }
  return null;
}

function cycle(offset: number): Refusal {
  return {
    code: 'yaml-alias-cycle',
    offset,
    message: 'an alias stands inside the very node that it refers to',
    remedy: 'write the value out',
  };
}

function bomb(offset: number): Refusal {
  return {
    code: 'yaml-alias-bomb',
    offset,
    message: 'the aliases of this file expand to more than 2 MiB',
    remedy: 'write the values out, or refer to smaller ones',
  };
}

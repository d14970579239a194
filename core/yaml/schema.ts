import {
  boolCoreTag,
  defineScalarTag,
  mapTag,
  mergeTag,
  NOT_RESOLVED,
  nullYaml11Tag,
  realMapTag,
  Schema,
  seqTag,
  strTag,
} from 'js-yaml';

/**
 * How a plain scalar is read: as kubectl does, which is YAML 1.1 as Go's yaml.v2 understands it. `yes` and `off`
 * are booleans, `0644` is octal; dates and base-60 numbers are texts. One deliberate difference: `y` and `n` alone
 * are texts, for kubectl makes a key `y` (a coordinate, say) into `true`, and nobody means that.
 */

const truths = new Set(['true', 'True', 'TRUE', 'yes', 'Yes', 'YES', 'on', 'On', 'ON']);
const falsehoods = new Set(['false', 'False', 'FALSE', 'no', 'No', 'NO', 'off', 'Off', 'OFF']);

const boolTag = defineScalarTag('tag:yaml.org,2002:bool', {
  implicit: true,
  implicitFirstChars: [...'tTfFyYnNoO'],
  resolve: (source) => (truths.has(source) ? true : falsehoods.has(source) ? false : NOT_RESOLVED),
  identify: (value) => typeof value === 'boolean',
});

const numberStart = [...'-+0123456789'];

const intTag = defineScalarTag('tag:yaml.org,2002:int', {
  implicit: true,
  implicitFirstChars: numberStart,
  resolve: (source) => integerOf(source) ?? NOT_RESOLVED,
  identify: (value) => Number.isInteger(value),
});

const floatTag = defineScalarTag('tag:yaml.org,2002:float', {
  implicit: true,
  implicitFirstChars: [...numberStart, '.'],
  resolve: (source) => {
    const digits = source.replaceAll('_', '');
    if (!/^[-+]?(\.[0-9]+|[0-9]+(\.[0-9]*)?)([eE][-+]?[0-9]+)?$/.test(digits)) return NOT_RESOLVED;
    const value = Number(digits);
    return Number.isFinite(value) ? value : NOT_RESOLVED;
  },
  identify: (value) => typeof value === 'number',
});

/** Only where it is written out; the value is a text, as JSON has no dates. */
const timestampTag = defineScalarTag('tag:yaml.org,2002:timestamp', {
  resolve: (source) => source,
  identify: () => false,
});

/** Only where it is written out; the value is the text that the bytes are. */
const binaryTag = defineScalarTag('tag:yaml.org,2002:binary', {
  resolve: (source) => {
    try {
      const bytes = Uint8Array.from(atob(source), (character) => character.charCodeAt(0));
      const text = new TextDecoder('utf-8', { fatal: true }).decode(bytes);
      return text.includes('\0') ? NOT_RESOLVED : text;
    } catch {
      return NOT_RESOLVED;
    }
  },
  identify: () => false,
});

/** Tags of manifests and declarations; others (`!custom`, `!!set`) are refused. */
export const kubeSchema = new Schema([
  ...[strTag, seqTag, mapTag, nullYaml11Tag, boolTag, intTag, floatTag, mergeTag],
  ...[timestampTag, binaryTag],
]);

/**
 * As SOPS reads a file, which is Go's yaml.v3: `yes` and `off` are texts. Maps keep the order of their keys, even of
 * those that are numbers, for what SOPS signs is signed in that order.
 */
export const sopsSchema = new Schema([
  ...[strTag, seqTag, realMapTag, nullYaml11Tag, boolCoreTag, intTag, floatTag],
  ...[timestampTag, binaryTag],
]);

/** The value of an integer in any of the four bases, exact or not; null where the text is none. */
export function integerOf(source: string): number | null {
  const digits = source.replaceAll('_', '');
  const match = /^([-+]?)(?:0[xX]([0-9a-fA-F]+)|0[bB]([01]+)|0[oO]?([0-7]+)|([1-9][0-9]*|0))$/.exec(digits);
  if (match === null) return null;
  const [, sign, hexadecimal, binary, octal, decimal] = match;
  const value =
    hexadecimal !== undefined
      ? Number.parseInt(hexadecimal, 16)
      : binary !== undefined
        ? Number.parseInt(binary, 2)
        : octal !== undefined
          ? Number.parseInt(octal, 8)
          : Number(decimal);
  return sign === '-' && value !== 0 ? -value : value;
}

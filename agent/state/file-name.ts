import { FairwayError } from '../../core/errors.ts';

const suffix = '.state';
/** File systems take 255 bytes; some of them are kept for a temporary file's own suffix. */
const longest = 220;

/**
 * A file name for any text, which can be read back from it: whatever is not a lower-case letter, a digit, `-` or `_`
 * is written as its bytes, capitals too, for there are file systems that take `A` for `a`.
 * @throws FairwayError `state-name-invalid` where it would be too long, or the text is no Unicode
 */
export function fileNameOf(name: string): string {
  if (!name.isWellFormed()) throw invalid(name, 'it is not Unicode');
  let encoded = '';
  for (const byte of Buffer.from(name)) {
    const character = String.fromCharCode(byte);
    encoded += /[a-z0-9_-]/.test(character) ? character : `%${byte.toString(16).padStart(2, '0')}`;
  }
  if (encoded.length > longest) throw invalid(name, `written as a file name it has more than ${longest} bytes`);
  return encoded + suffix;
}

/** The text that a file name stands for; null where it is not the name of a record. */
export function nameOfFile(fileName: string): string | null {
  if (!fileName.endsWith(suffix)) return null;
  try {
    return decodeURIComponent(fileName.slice(0, -suffix.length));
  } catch {
    return null; // Somebody else's file.
  }
}

function invalid(name: string, why: string): FairwayError {
  return new FairwayError('state-name-invalid', `the record name ${JSON.stringify(name)} cannot be used: ${why}`);
}

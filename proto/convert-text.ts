/** The wire has no null texts: empty stands for absent. */
export function orEmpty(text: string | null): string {
  return text ?? '';
}

export function orNull(text: string): string | null {
  return text === '' ? null : text;
}

/** What a peer wrote, without the one character that PostgreSQL stores in no text. */
export function clean(text: string): string {
  return text.includes('\0') ? text.replaceAll('\0', '') : text;
}

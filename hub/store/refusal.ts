/** True where PostgreSQL answered that it does not like what it got (classes 22, 23, 42, 54), false where it is away. */
export function isAboutContent(error: unknown): boolean {
  const code = error instanceof Error && 'code' in error ? String(error.code) : '';
  return /^(22|23|42|54)/.test(code);
}

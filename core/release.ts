/** `app@` and the first 12 hexadecimal digits of the commit. */
export function releaseId(application: string, commit: string): string {
  return `${application}@${commit.slice(0, 12)}`;
}

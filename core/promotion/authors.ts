/** The e-mail address of `Name <e-mail>`, in lower case; null where it has none. */
export function addressOf(author: string): string | null {
  const address = /<([^<>\s]+@[^<>\s]+)>\s*$/.exec(author)?.[1];
  return address === undefined ? null : address.toLowerCase();
}

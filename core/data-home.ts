/** Where a hub keeps its data unless it is told otherwise: `$XDG_DATA_HOME/fairway`, or `~/.local/share/fairway`. */
export function dataHome(environment: { readonly XDG_DATA_HOME?: string; readonly HOME?: string }): string {
  const { XDG_DATA_HOME, HOME } = environment;
  return `${XDG_DATA_HOME || (HOME ? `${HOME}/.local/share` : '/var/lib')}/fairway`;
}

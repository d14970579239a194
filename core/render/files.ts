import { applicationFile, isYamlFile } from '../kinds/kinds.ts';

/** The folder of a file; '' is the root. */
export function folderOf(file: string): string {
  const slash = file.lastIndexOf('/');
  return slash < 0 ? '' : file.slice(0, slash);
}

/** A relative path (`.`, `./eu.yaml`, `base/web`) from a folder, as a path from the root. */
export function joinPath(folder: string, path: string): string {
  return [...folder.split('/'), ...path.split('/')].filter((part) => part !== '' && part !== '.').join('/');
}

/**
 * The manifests below a folder, sorted by path: YAML and JSON files that are not hidden, not `app.yaml`, not in
 * the folder of another application, and not left out by name.
 */
export function manifestFiles(files: Iterable<string>, folder: string, leftOut: ReadonlySet<string>): string[] {
  const all = [...files].filter((file) => isBelow(file, folder));
  const others = all
    .filter((file) => file === `${folderOf(file)}/${applicationFile}` && folderOf(file) !== folder)
    .map(folderOf);
  return all
    .filter((file) => isYamlFile(file) && !leftOut.has(file) && !isHidden(file, folder))
    .filter((file) => !file.endsWith(`/${applicationFile}`) && file !== applicationFile)
    .filter((file) => !others.some((other) => isBelow(file, other)))
    .sort((a, b) => (a < b ? -1 : 1));
}

function isBelow(file: string, folder: string): boolean {
  return folder === '' || file.startsWith(`${folder}/`);
}

function isHidden(file: string, folder: string): boolean {
  const below = folder === '' ? file : file.slice(folder.length + 1);
  return below.split('/').some((part) => part.startsWith('.'));
}

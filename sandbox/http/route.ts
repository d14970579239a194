/** What the path of a request names. */
export type Route =
  | { readonly to: 'document'; readonly path: string }
  | { readonly to: 'resource'; readonly resource: ResourcePath };

export interface ResourcePath {
  readonly group: string;
  readonly version: string;
  readonly plural: string;
  /** Empty: all of them, or a cluster-scoped kind. */
  readonly namespace: string;
  /** Empty: the collection. */
  readonly name: string;
  readonly subresource: string;
}

/** Reads a path. Everything that is no path of a resource is a document: discovery, versions, health. */
export function readPath(path: string): Route {
  const segments = path
    .split('/')
    .filter((segment) => segment !== '')
    .map(decode);
  const document: Route = { to: 'document', path: `/${segments.join('/')}` };
  const [root, first = '', second = ''] = segments;
  if (root === 'api' && segments.length > 2) return resource('', first, segments.slice(2));
  if (root === 'apis' && segments.length > 3) return resource(first, second, segments.slice(3));
  return document;
}

function resource(group: string, version: string, rest: readonly string[]): Route {
  const [first = '', second = '', third = '', ...more] = rest;
  // A namespace's own subresources stand where the kinds of what it holds do.
  const own = third === '' || ((third === 'status' || third === 'finalize') && more.length === 0);
  const inNamespace = first === 'namespaces' && !(own && group === '');
  const [plural = '', name = '', subresource = ''] = inNamespace ? [third, ...more] : rest;
  return {
    to: 'resource',
    resource: { group, version, plural, namespace: inNamespace ? second : '', name, subresource },
  };
}

function decode(segment: string): string {
  try {
    return decodeURIComponent(segment);
  } catch {
    return segment;
  }
}

import type { KubeObject } from '../../core/objects/object.ts';
import type { Http } from './http.ts';
import { apiVersionOf, collectionPath } from './paths.ts';
import { KubeError, type ListOptions, type ListResult, type Resource } from './port.ts';

interface ListBody {
  readonly metadata?: { readonly resourceVersion?: string; readonly continue?: string };
  readonly items?: readonly KubeObject[] | null;
}

const pageSize = 500;
const metadataOnlyType = 'application/json;as=PartialObjectMetadataList;g=meta.k8s.io;v=v1,application/json';

/**
 * All objects of a kind that match, by pages of 500 from one version. Where that version is compacted away between
 * two pages (410), the list begins anew; the third time it is asked for in one piece.
 * @throws KubeError
 */
export async function listObjects(http: Http, resource: Resource, options: ListOptions = {}): Promise<ListResult> {
  for (let tries = 1; ; tries += 1) {
    try {
      return await listPages(http, resource, options, tries < 3 ? pageSize : undefined);
    } catch (error) {
      if (tries >= 3 || !(error instanceof KubeError) || error.code !== 'gone') throw error;
    }
  }
}

async function listPages(
  http: Http,
  resource: Resource,
  options: ListOptions,
  limit: number | undefined,
): Promise<ListResult> {
  const items: KubeObject[] = [];
  const { labelSelector, signal, as } = options;
  let version: string | undefined;
  let next: string | undefined;
  do {
    const answer = await http.call({
      method: 'GET',
      path: collectionPath(resource, options.namespace),
      query: { limit, continue: next, labelSelector },
      ...(options.metadataOnly === true ? { accept: metadataOnlyType } : {}),
      signal,
      as,
    });
    const page = answer.body as ListBody;
    for (const item of page.items ?? []) items.push(itemOf(item, resource, options.metadataOnly === true));
    version ??= page.metadata?.resourceVersion;
    next = page.metadata?.continue || undefined;
  } while (next !== undefined);
  return { items, resourceVersion: version ?? '' };
}

/** An item of a list says neither its kind nor its version, or those of the metadata that it was cut to. */
function itemOf(item: KubeObject, resource: Resource, metadataOnly: boolean): KubeObject {
  const named = { apiVersion: apiVersionOf(resource), kind: resource.kind };
  // A server that cannot cut objects sends them whole.
  return metadataOnly ? { ...named, metadata: item.metadata } : { ...item, ...named };
}

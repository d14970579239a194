import type { KubeObject } from '../../core/objects/object.ts';
import { apiVersionOf, type Kind } from '../kinds/kind.ts';
import type { Target } from '../store/context.ts';
import type { Page } from '../store/list.ts';
import { partial, tableOf } from '../table/table.ts';
import type { Form } from './negotiate.ts';
import { scaleOf } from './scale.ts';

/** How objects are to be shown: in which form, and with what of them in the rows of a table. */
export interface View {
  readonly form: Form;
  readonly include: 'None' | 'Metadata' | 'Object';
  readonly now: number;
}

/** One object as the caller would have it. */
export function shownObject(object: KubeObject, { kind, version }: Target, subresource: string, view: View): unknown {
  const served = inVersion(object, kind, version);
  if (subresource === 'scale' && kind.scale !== null) return scaleOf(served, kind.scale);
  switch (view.form) {
    case 'table':
      return tableOf(kind, [served], { ...view, metadata: { resourceVersion: object.metadata.resourceVersion } });
    case 'metadata':
      return partial(served);
    default:
      return served;
  }
}

/** A page of objects as the caller would have it. */
export function shownPage(page: Page, { kind, version }: Target, view: View): unknown {
  const metadata = {
    resourceVersion: page.resourceVersion,
    ...(page.continue === '' ? {} : { continue: page.continue }),
    ...(page.remaining === null ? {} : { remainingItemCount: page.remaining }),
  };
  const items = page.items.map((object) => inVersion(object, kind, version));
  switch (view.form) {
    case 'table':
      return tableOf(kind, items, { ...view, metadata });
    case 'metadata':
    case 'metadata-list':
      return {
        kind: 'PartialObjectMetadataList',
        apiVersion: 'meta.k8s.io/v1',
        metadata,
        items: items.map(partial),
      };
    default:
      return {
        kind: `${kind.kind}List`,
        apiVersion: apiVersionOf(kind, version),
        metadata,
        // The items of a list of a built-in kind do not say what they are.
        items: kind.custom === null ? items.map(({ apiVersion: _, kind: __, ...object }) => object) : items,
      };
  }
}

function inVersion(object: KubeObject, kind: Kind, version: string): KubeObject {
  const apiVersion = apiVersionOf(kind, version);
  return object.apiVersion === apiVersion ? object : { ...object, apiVersion };
}

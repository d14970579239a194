import { configMap, shopApplication } from '../../e2e/shop.ts';

const objects = 10;

/** An application of ten objects, all of which are others in each round. */
export function shop(round: number): Record<string, string> {
  const files: Record<string, string> = {
    'apps/shop/app.yaml': shopApplication,
    'apps/shop/namespace.yaml': 'apiVersion: v1\nkind: Namespace\nmetadata: {name: shop}\n',
  };
  for (let index = 0; index < objects; index++) {
    files[`apps/shop/c${index}.yaml`] = configMap(`c${index}`, { round: String(round) });
  }
  return files;
}

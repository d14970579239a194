import { type EncodedBundle, encodeBundle } from '../bundle.ts';

/** What a removal gives its clusters: the application without objects, so that the agent takes away what it has (G9). */
export function nothingOf(application: string): EncodedBundle {
  return encodeBundle({ application, namespace: null, conflicts: 'yield', ignore: [], health: [], objects: [] });
}

import { text } from 'node:stream/consumers';
import type { Http } from './http.ts';
import { objectPath } from './paths.ts';
import type { LogOptions, NamespacedName, Resource } from './port.ts';

const pods: Resource = { group: '', version: 'v1', kind: 'Pod', plural: 'pods', namespaced: true };
/** Bytes that one answer may have: lines can be of any length. */
const limitBytes = 64 * 1024;

/**
 * Reads the end of a container's log.
 * @throws KubeError also where the container has not begun, or its node does not answer
 */
export async function readLogs(
  http: Http,
  pod: NamespacedName,
  { container, lines, signal, as }: LogOptions,
): Promise<string> {
  const stream = await http.stream({
    method: 'GET',
    path: `${objectPath(pods, pod)}/log`,
    query: { container, tailLines: lines, limitBytes },
    accept: '*/*',
    as,
    signal,
    object: { group: '', kind: 'Pod', ...pod },
  });
  return text(stream);
}

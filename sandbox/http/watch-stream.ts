import type { KubeObject } from '../../core/objects/object.ts';
import { ApiError } from '../api/error.ts';
import type { Kind } from '../kinds/kind.ts';
import type { StoreEvent, Watch } from '../store/watch.ts';
import { partial, tableOf } from '../table/table.ts';
import type { Exchange } from './exchange.ts';
import type { Form } from './negotiate.ts';
import { isTrue, watchRequest } from './options.ts';

/** A watch without its own limit ends after so long. Seconds. */
const longest = 1_800;
const bookmarkEvery = 60_000;
/** Before a watch ends by its own limit, it says how far it came. Milliseconds. */
const beforeEnd = 2_000;
/** A reader that is so far behind has gone. Bytes. */
const mostUnread = 64 * 2 ** 20;

/** Streams what happens to a kind, a JSON line an event, until the caller leaves or its time is over. */
export function streamWatch(
  exchange: Exchange,
  kind: Kind,
  version: string,
  place: { namespace: string; name: string },
  form: Form,
): void {
  const { store, response, query } = exchange;
  const wish = watchRequest(query, place.namespace, place.name);
  const format = eventFormat(exchange, kind, version, form);
  const write = (type: string, object: unknown) => {
    response.write(`${JSON.stringify({ type, object })}\n`);
    if (response.writableLength > mostUnread) response.destroy();
  };
  const tell = ({ type, object }: StoreEvent) => write(type, format(object));
  const watch = opened(() => store.watch(kind, wish, tell));
  response.writeHead(200, { 'content-type': 'application/json', 'cache-control': 'no-cache, private' });
  response.flushHeaders();
  if (watch instanceof ApiError) {
    write('ERROR', watch.body);
    response.end();
    return;
  }
  for (const event of watch.first) tell(event);

  const bookmark = (annotations?: Record<string, string>) => {
    const metadata = {
      resourceVersion: String(store.version()),
      creationTimestamp: null,
      ...(annotations === undefined ? {} : { annotations }),
    };
    const { kind: name, apiVersion } = identity(kind, version);
    const object = { kind: name, apiVersion, metadata } as unknown as KubeObject;
    write(
      'BOOKMARK',
      form === 'table' ? format({ ...object, metadata: { name: '', ...metadata } } as unknown as KubeObject) : object,
    );
  };
  if (wish.sendInitialEvents === true) bookmark({ 'k8s.io/initial-events-end': 'true' });
  const timers = startTimers(
    Number(query.get('timeoutSeconds')) || longest,
    isTrue(query, 'allowWatchBookmarks') ? bookmark : null,
    () => response.end(),
  );
  response.once('close', () => {
    watch.stop();
    for (const timer of timers) clearTimeout(timer);
  });
}

/** A version that is too old is told as an event; whatever else is wrong, as the answer. */
function opened(open: () => Watch): Watch | ApiError {
  try {
    return open();
  } catch (error) {
    if (error instanceof ApiError && error.code === 410) return error;
    throw error;
  }
}

function startTimers(seconds: number, bookmark: (() => void) | null, end: () => void): NodeJS.Timeout[] {
  const timers = [setTimeout(end, seconds * 1000)];
  if (bookmark !== null) {
    timers.push(setInterval(() => bookmark(), bookmarkEvery));
    timers.push(setTimeout(() => bookmark(), Math.max(seconds * 1000 - beforeEnd, 0)));
  }
  return timers;
}

function identity(kind: Kind, version: string): { kind: string; apiVersion: string } {
  return { kind: kind.kind, apiVersion: kind.group === '' ? version : `${kind.group}/${version}` };
}

/** How objects stand in the events of a watch. */
function eventFormat(
  { query, now }: Exchange,
  kind: Kind,
  version: string,
  form: Form,
): (object: KubeObject) => unknown {
  const { apiVersion } = identity(kind, version);
  const served = (object: KubeObject) => (object.apiVersion === apiVersion ? object : { ...object, apiVersion });
  let headless = false;
  switch (form) {
    case 'table':
      return (object) => {
        const include = includeOf(query);
        const metadata = { resourceVersion: object.metadata.resourceVersion };
        const table = tableOf(kind, [served(object)], { now: now(), include, metadata, headless });
        headless = true;
        return table;
      };
    case 'metadata':
    case 'metadata-list':
      return partial;
    default:
      return served;
  }
}

/** What of its object goes with each row of a table. */
export function includeOf(query: URLSearchParams): 'None' | 'Metadata' | 'Object' {
  const asked = query.get('includeObject');
  return asked === 'None' || asked === 'Object' ? asked : 'Metadata';
}

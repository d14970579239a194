import type { FastifyReply } from 'fastify';
import { FairwayError } from '../../../core/errors.ts';
import type { FleetEvent } from '../../../proto/rest/events.ts';
import type { News } from '../../link/news.ts';
import { createFollower, type Follower, type ReadAfter } from './follow.ts';

/** Milliseconds: signs of life, and how soon an event is found whose wake-up was lost. */
const heartbeatInterval = 15_000;
const lookInterval = 5_000;
/** Bytes that a reader may be behind before it is cut off; it comes back with Last-Event-ID. */
const backlogLimit = 1024 * 1024;
const streamLimit = 200;

export interface EventStreams {
  /**
   * Answers with server-sent events until either side ends it.
   * @param start the id of the last event that the reader has
   * @param stillMay says whether the reader may still read; asked at each sign of life, and before events are sent
   * @throws FairwayError `streams-exhausted` before anything is sent
   */
  open(reply: FastifyReply, start: number, read: ReadAfter, stillMay: () => Promise<boolean>): void;
  close(): void;
}

interface Stream extends Pick<Follower, 'isLate'> {
  /** @param thorough also for what was stored out of order */
  look(thorough: boolean): void;
  end(): void;
}

/** The streams of this process. Events come from the database; news only says when to look. */
export function createEventStreams(news: Pick<News, 'subscribe'>): EventStreams {
  const streams = new Set<Stream>();
  const unsubscribe = news.subscribe((item) => {
    if (item.type === 'event') for (const stream of streams) stream.look(stream.isLate(item.event));
    if (item.type === 'resync') for (const stream of streams) stream.look(true);
  });
  const timer = setInterval(() => {
    for (const stream of streams) stream.look(true);
  }, lookInterval).unref();

  return {
    open(reply, start, read, stillMay) {
      if (streams.size >= streamLimit) {
        throw new FairwayError('streams-exhausted', `${streamLimit} readers of events are connected already`, {
          remedy: 'try again later, or poll the list',
          retry: 'again',
        });
      }
      reply.hijack();
      const { raw, log } = reply;
      for (const [name, value] of Object.entries(reply.getHeaders()))
        if (value !== undefined) raw.setHeader(name, value);
      raw.writeHead(200, {
        'content-type': 'text/event-stream',
        'cache-control': 'no-store',
        'x-accel-buffering': 'no',
      });
      raw.write('retry: 2000\n\n');

      const follower = createFollower(start, read);
      let looking = false;
      let wanted: 'nothing' | 'new' | 'all' = 'nothing';
      const stream: Stream = {
        isLate: follower.isLate,
        look(thorough) {
          wanted = thorough ? 'all' : wanted === 'nothing' ? 'new' : wanted;
          if (looking) return;
          looking = true;
          void send().catch((error: unknown) => {
            log.warn({ err: error }, 'a stream of events failed');
            stream.end();
          });
        },
        end() {
          streams.delete(stream);
          clearInterval(heartbeat);
          raw.end();
        },
      };

      async function send(): Promise<void> {
        while (wanted !== 'nothing' && !raw.writableEnded) {
          const thorough = wanted === 'all';
          wanted = 'nothing';
          const events = await follower.next(thorough);
          if (events.length > 0 && !(await stillMay())) return stream.end();
          for (const event of events) raw.write(format(event));
          if (raw.writableLength > backlogLimit) raw.destroy();
          if (events.length > 0) stream.look(thorough);
        }
        looking = false;
      }

      const heartbeat = setInterval(() => {
        raw.write(': alive\n\n');
        stillMay().then(
          (may) => may || stream.end(),
          () => stream.end(),
        );
      }, heartbeatInterval).unref();
      raw.on('close', stream.end);
      raw.on('error', stream.end);
      streams.add(stream);
      stream.look(false);
    },

    close() {
      unsubscribe();
      clearInterval(timer);
      for (const stream of streams) stream.end();
    },
  };
}

function format(event: FleetEvent): string {
  return `id: ${event.id}\nevent: ${event.type}\ndata: ${JSON.stringify(event)}\n\n`;
}

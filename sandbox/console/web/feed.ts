/** Server-sent events to every open page: news is gathered for a moment, so that a burst is one event. */
import type { ServerResponse } from 'node:http';
import type { News, Snapshot } from '../shown/shapes.js';

export interface Feed {
  tell(news: News): void;
  /** Keeps the response open. It begins with the whole picture. */
  join(response: ServerResponse): void;
  close(): void;
}

const GATHER_MS = 40;
/** Proxies and browsers give up on a connection that says nothing. */
const BREATH_MS = 15_000;

export function createFeed(snapshot: () => Snapshot): Feed {
  const pages = new Set<ServerResponse>();
  let gathered: News[] = [];
  let timer: NodeJS.Timeout | undefined;
  const send = (response: ServerResponse, news: News[]): void => {
    response.write(`data: ${JSON.stringify(news)}\n\n`);
  };
  const flush = (): void => {
    timer = undefined;
    const news = gathered;
    gathered = [];
    for (const page of pages) send(page, news);
  };
  const breath = setInterval(() => {
    for (const page of pages) page.write(': \n\n');
  }, BREATH_MS);
  return {
    tell(news) {
      if (pages.size === 0) return;
      // Now, not when it is sent: what it tells of changes in place.
      gathered.push(structuredClone(news));
      timer ??= setTimeout(flush, GATHER_MS);
    },
    join(response) {
      // What was gathered before is in the picture.
      if (timer) {
        clearTimeout(timer);
        flush();
      }
      response.write('retry: 500\n');
      send(response, [{ kind: 'snapshot', snapshot: snapshot() }]);
      pages.add(response);
      response.once('close', () => pages.delete(response));
    },
    close() {
      clearInterval(breath);
      clearTimeout(timer);
      for (const page of pages) page.end();
      pages.clear();
    },
  };
}

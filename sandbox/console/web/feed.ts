/** Sends news to every open page as server-sent events, gathered for a moment so that a burst is one event. */
import type { ServerResponse } from 'node:http';
import type { News, Snapshot } from '../shown/shapes.js';

export interface Feed {
  tell(news: News): void;
  /** Sends the whole picture, and keeps the response open for news. */
  join(response: ServerResponse): void;
  close(): void;
}

const GATHER_MS = 40;
/** How often an empty comment is sent, since proxies and browsers give up on a silent connection. */
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
      // Copied now, since the objects in the news may change before they are sent.
      gathered.push(structuredClone(news));
      timer ??= setTimeout(flush, GATHER_MS);
    },
    join(response) {
      // Gathered news is sent first to the other pages; the new page's picture has it already.
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

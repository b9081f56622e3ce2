/** Finds a port for a program that is about to start. */
import { createServer } from 'node:net';

/**
 * Ports below those that systems give to outgoing connections, any of which could take the port before the program
 * does.
 */
const PORTS = { first: 20_000, last: 32_000 };
/**
 * Processes that were started one after another draw from different slices, so that none takes a port that another was
 * just given.
 */
const SLICE = 200;

/** How often this process has asked: a port that was given out may not be listened on yet, so the next one is tried. */
let asked = Math.floor(Math.random() * SLICE);

/** @returns a port of 127.0.0.1 on which nothing listens now */
export async function freePort(): Promise<number> {
  for (;;) {
    asked += 1;
    // Where all of a slice is taken, the next slice follows.
    const slices = (PORTS.last - PORTS.first) / SLICE;
    const slice = (process.pid + Math.floor(asked / SLICE)) % slices;
    const port = PORTS.first + slice * SLICE + (asked % SLICE);
    if (await isFree(port)) return port;
  }
}

function isFree(port: number): Promise<boolean> {
  return new Promise((resolve) => {
    const server = createServer();
    server.once('error', () => resolve(false));
    server.listen(port, '127.0.0.1', () => server.close(() => resolve(true)));
  });
}

/** Finds a port for a program that is about to start. */
import { createServer } from 'node:net';

/**
 * Ports below those that systems give to outgoing connections, any of which could take the port before the program
 * does.
 */
const PORTS = { first: 20_000, last: 32_000 };

/** @returns a port of 127.0.0.1 on which nothing listens now */
export async function freePort(): Promise<number> {
  for (;;) {
    const port = PORTS.first + Math.floor(Math.random() * (PORTS.last - PORTS.first));
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

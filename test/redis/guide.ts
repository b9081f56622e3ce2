/** A stand-in for a Sentinel or a node of a Cluster, whose answers a test chooses. */
import { createServer, type Socket } from 'node:net';

export interface Guide {
  port: number;
  /** The answer to a command, by its first word in capitals, in Redis' protocol; undefined: none. */
  answer: (command: string) => string | undefined;
  /** How many connections were made to it. */
  connections: number;
  stop(): Promise<void>;
}

export async function startGuide(answer: Guide['answer']): Promise<Guide> {
  const sockets = new Set<Socket>();
  const server = createServer((socket) => {
    guide.connections += 1;
    sockets.add(socket);
    socket.on('error', () => {});
    socket.on('data', (data) => {
      for (const [, command = ''] of String(data).matchAll(/\*\d+\r\n\$\d+\r\n(\w+)\r\n/g)) {
        const said =
          command.toUpperCase() === 'HELLO' ? unknown('HELLO') : guide.answer(command.toUpperCase());
        if (said !== undefined) socket.write(said);
      }
    });
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const address = server.address();
  if (typeof address !== 'object' || !address) throw new Error('the guide has no port');
  const guide: Guide = {
    port: address.port,
    answer,
    connections: 0,
    async stop() {
      for (const socket of sockets) socket.destroy();
      await new Promise((resolve) => server.close(resolve));
    },
  };
  return guide;
}

/** Answers as a Sentinel does, and as a server that speaks no RESP3. */
export const unknown = (command: string) =>
  `-ERR unknown command '${command}', with args beginning with: \r\n`;

/** How each kind of guide says that the primary is at a port of this machine. */
export const SAYS = {
  sentinel: (port: number) => (command: string) =>
    command === 'SENTINEL'
      ? `*2\r\n$9\r\n127.0.0.1\r\n$${`${port}`.length}\r\n${port}\r\n`
      : unknown(command),
  // A node that does not know its own address answers without one.
  cluster: (port: number) => () => `-MOVED 3999 :${port}\r\n`,
};

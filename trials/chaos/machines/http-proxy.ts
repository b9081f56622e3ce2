/** An HTTP proxy before the replicas, as a load balancer is one in production: each request goes to the next of them. */
import { createServer, type IncomingMessage, request, type ServerResponse } from 'node:http';

export interface HttpProxy {
  /** `http://127.0.0.1:PORT` */
  readonly url: string;
  close(): Promise<void>;
}

/**
 * Listens on a free port of 127.0.0.1.
 * @param ports the ports on 127.0.0.1 that take requests now. A request is tried at one of them alone: a second try could
 *   carry out the request twice
 */
export async function startHttpProxy(ports: () => readonly number[]): Promise<HttpProxy> {
  let turn = 0;
  const server = createServer((asked, answer) => {
    const open = ports();
    turn += 1;
    const port = open[turn % open.length];
    if (port === undefined) answer.writeHead(503).end();
    else passOn(asked, answer, port);
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const address = server.address();
  return {
    url: `http://127.0.0.1:${typeof address === 'object' && address ? address.port : ''}`,
    async close() {
      const closed = new Promise((resolve) => server.close(resolve));
      server.closeAllConnections();
      await closed;
    },
  };
}

function passOn(asked: IncomingMessage, answer: ServerResponse, port: number): void {
  const { method, url: path, headers } = asked;
  const onward = request({ host: '127.0.0.1', port, method, path, headers, agent: false }, (got) => {
    answer.writeHead(got.statusCode ?? 502, got.headers);
    got.pipe(answer);
    got.on('error', () => answer.destroy());
  });
  onward.on('error', () => {
    if (answer.headersSent) answer.destroy();
    else answer.writeHead(502).end();
  });
  asked.pipe(onward);
}

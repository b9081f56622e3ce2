/** Sends signed payloads to an app as Slack does, over a fixed number of connections, and measures the answers. */
import { createHmac } from 'node:crypto';
import { Agent, request } from 'node:http';

export interface Load {
  /** Where the app takes Slack's payloads. */
  url: string;
  signingSecret: string;
  /** How many payloads in all, and how many at once. */
  count: number;
  connections: number;
  /** The body of each payload, form-encoded. */
  bodyOf(index: number): string;
}

export interface Answered {
  /** Answers a second over the whole load. */
  perSecond: number;
  /** How long each answer took, in milliseconds. */
  tookMs: number[];
}

/** Sends the whole load. @throws where an answer is no 200 */
export async function send({ url, signingSecret, count, connections, bodyOf }: Load): Promise<Answered> {
  const agent = new Agent({ keepAlive: true, maxSockets: connections });
  const tookMs: number[] = [];
  let next = 0;
  const startedMs = performance.now();
  await Promise.all(
    Array.from({ length: connections }, async () => {
      while (next < count) {
        const body = bodyOf(next++);
        const sentMs = performance.now();
        await post(agent, url, signingSecret, body);
        tookMs.push(performance.now() - sentMs);
      }
    }),
  );
  const seconds = (performance.now() - startedMs) / 1_000;
  agent.destroy();
  return { perSecond: count / seconds, tookMs };
}

function post(agent: Agent, url: string, signingSecret: string, body: string): Promise<void> {
  const timestamp = Math.floor(Date.now() / 1_000).toString();
  const signature = createHmac('sha256', signingSecret).update(`v0:${timestamp}:${body}`).digest('hex');
  return new Promise((resolve, reject) => {
    const outgoing = request(url, {
      agent,
      method: 'POST',
      headers: {
        'content-type': 'application/x-www-form-urlencoded',
        'content-length': Buffer.byteLength(body),
        'x-slack-request-timestamp': timestamp,
        'x-slack-signature': `v0=${signature}`,
      },
    });
    outgoing.on('error', reject);
    outgoing.on('response', (response) => {
      response.resume();
      response.on('error', reject);
      response.on('end', () =>
        response.statusCode === 200
          ? resolve()
          : reject(new Error(`the app answered ${response.statusCode}`)),
      );
    });
    outgoing.end(body);
  });
}

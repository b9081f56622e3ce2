/** The floor of taking a form: a Bolt app that stores one key for each form, and then acknowledges it. */
import { App, HTTPReceiver, LogLevel } from '@slack/bolt';
import { Redis } from 'ioredis';

const redis = new Redis(process.env.REDIS_URL ?? '');
const receiver = new HTTPReceiver({
  signingSecret: process.env.SLACK_SIGNING_SECRET ?? '',
  logLevel: LogLevel.ERROR,
  customRoutes: [
    { path: '/healthz', method: 'GET', handler: (_request, response) => void response.end('{}') },
  ],
});
const app = new App({
  receiver,
  logLevel: LogLevel.ERROR,
  authorize: async () => ({ botToken: 'xoxb-none' }),
});
app.view(/.*/, async ({ ack, body, view }) => {
  await redis.set(`${process.env.BENCH_PREFIX}:${view.id}`, JSON.stringify(body), 'EX', 60);
  await ack();
});
await app.start({ port: Number(process.env.PORT), host: '127.0.0.1' });

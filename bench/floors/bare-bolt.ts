/** The floor of acknowledging, starting and idling: a Bolt app that answers every command with one sentence. */
import { App, HTTPReceiver, LogLevel } from '@slack/bolt';

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
app.command(/.*/, async ({ ack }) => ack({ response_type: 'ephemeral', text: 'Nothing to do.' }));
await app.start({ port: Number(process.env.PORT), host: '127.0.0.1' });

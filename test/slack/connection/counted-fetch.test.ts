/** Each call to Slack's Web API is counted by its method and by how it went. */
import { createServer } from 'node:http';
import { expect, test } from '@jest/globals';
import { countedFetch } from '../../../src/slack/connection/counted-fetch.js';

test.each([
  ['/api/chat.postMessage', 200, '{"ok":true}', 'chat.postMessage answered'],
  ['/api/chat.postMessage', 200, '{"ok":false,"error":"is_archived"}', 'chat.postMessage refused'],
  ['/api/chat.update', 200, '{"ok":false,"error":"ratelimited"}', 'chat.update throttled'],
  ['/api/users.info', 429, '', 'users.info throttled'],
  ['/api/users.profile.get?user=U0JANE', 503, '<html>', 'users.profile.get unanswered'],
  ['/upload/U0JANE', 200, 'OK', 'other answered'],
])(
  'a call to %s that answers %i %s is counted as "%s", and its answer is passed on',
  async (path, status, body, counted) => {
    const server = createServer((_, response) => response.writeHead(status).end(body));
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    const address = server.address();
    const url = `http://127.0.0.1:${typeof address === 'object' ? address?.port : ''}`;
    const heard: string[] = [];
    const counting = countedFetch((method, outcome) => heard.push(`${method} ${outcome}`));
    const answer = await counting(url + path);
    expect([answer.status, await answer.text()]).toEqual([status, body]);
    expect(heard).toEqual([counted]);
    server.closeAllConnections();
    await new Promise((resolve) => server.close(resolve));
    await expect(counting(url + path)).rejects.toThrow();
    expect(heard.at(-1)).toBe(`${counted.split(' ')[0]} unanswered`);
  },
);

/** Runs Socket Mode as Slack does: tickets, hello, envelopes spread over the connections, pings, and refreshes. */

import { randomBytes, randomUUID } from 'node:crypto';
import type { IncomingMessage, Server } from 'node:http';
import type { Duplex } from 'node:stream';
import { WebSocket, WebSocketServer } from 'ws';
import { z } from 'zod';
import { parseJson } from '../parse-json.js';
import type { LetterKind } from '../state/mail.js';
import type { Town } from '../state/town.js';

/** The number of connections that Slack allows one app. */
const MOST_CONNECTIONS = 10;

/** How long clients get to close their connections when the sandbox stops. */
const GOODBYE_MS = 500;

export interface Envelope {
  type: LetterKind;
  payload: Record<string, unknown>;
  accepts_response_payload: boolean;
  retry_attempt?: number;
  retry_reason?: string;
}

export interface SocketMode {
  /** The address that `apps.connections.open` answers, which works once. */
  newUrl(): string;
  /**
   * @returns undefined without a connection; else a promise of the acknowledgement's payload, which may never settle
   */
  send(envelope: Envelope): Promise<unknown> | undefined;
  count(): number;
  refresh(): void;
  /** Sends a text over each connection, which may be one that Slack never sends. */
  sendFrame(text: string): void;
  /** Cuts every connection without a word, as a network does. */
  cut(): void;
  close(): Promise<void>;
}

const acknowledgement = z.looseObject({ envelope_id: z.string(), payload: z.unknown().optional() });

export function serveSocketMode(server: Server, town: Town): SocketMode {
  const wss = new WebSocketServer({ noServer: true });
  const tickets = new Set<string>();
  const live: WebSocket[] = [];
  const waiting = new Map<string, (payload: unknown) => void>();
  const timers = new Set<NodeJS.Timeout>();
  let turn = 0;

  server.on('upgrade', (request: IncomingMessage, socket: Duplex, head: Buffer) => {
    const ticket = new URL(request.url ?? '/', 'http://localhost').searchParams.get('ticket') ?? '';
    if (!tickets.delete(ticket) || town.settings.down !== 'no') {
      socket.destroy();
      return;
    }
    wss.handleUpgrade(request, socket, head, welcome);
  });

  function welcome(ws: WebSocket): void {
    const ping = setInterval(() => ws.ping(), town.settings.pingIntervalMs);
    timers.add(ping);
    ws.on('error', () => ws.terminate());
    ws.on('close', () => {
      clearInterval(ping);
      timers.delete(ping);
      const index = live.indexOf(ws);
      if (index >= 0) live.splice(index, 1);
      town.emit({ type: 'connections', count: live.length });
    });
    ws.on('message', (data) => {
      const parsed = acknowledgement.safeParse(parseJson(data.toString()));
      if (!parsed.success) return;
      waiting.get(parsed.data.envelope_id)?.(parsed.data.payload);
      waiting.delete(parsed.data.envelope_id);
    });
    if (live.length >= MOST_CONNECTIONS) {
      ws.send(JSON.stringify({ type: 'disconnect', reason: 'too_many_websockets' }));
      ws.close();
      return;
    }
    live.push(ws);
    ws.send(
      JSON.stringify({
        type: 'hello',
        num_connections: live.length,
        connection_info: { app_id: town.world.app.appId },
        debug_info: { host: 'sandbox', build_number: 1, approximate_connection_time: 18060 },
      }),
    );
    town.emit({ type: 'connections', count: live.length });
  }

  return {
    newUrl() {
      const ticket = randomBytes(12).toString('hex');
      tickets.add(ticket);
      return `${town.baseUrl.replace(/^http/, 'ws')}/link/?ticket=${ticket}&app_id=${town.world.app.appId}`;
    },
    send(envelope) {
      const open = live.filter((ws) => ws.readyState === WebSocket.OPEN);
      const ws = open[turn++ % Math.max(1, open.length)];
      if (!ws) return undefined;
      const envelopeId = randomUUID();
      const acknowledged = new Promise<unknown>((resolve) => waiting.set(envelopeId, resolve));
      ws.send(JSON.stringify({ ...envelope, envelope_id: envelopeId }));
      return acknowledged;
    },
    count: () => live.filter((ws) => ws.readyState === WebSocket.OPEN).length,
    refresh() {
      for (const ws of [...live]) {
        ws.send(
          JSON.stringify({
            type: 'disconnect',
            reason: 'refresh_requested',
            debug_info: { host: 'sandbox' },
          }),
        );
        // Slack cuts a client that does not leave by itself.
        const late = setTimeout(() => ws.terminate(), 10_000);
        timers.add(late);
        ws.on('close', () => clearTimeout(late));
      }
    },
    sendFrame(text) {
      for (const ws of live) ws.send(text);
    },
    cut() {
      for (const ws of [...live]) ws.terminate();
    },
    async close() {
      for (const timer of timers) clearTimeout(timer);
      waiting.clear();
      // Closed with a handshake, since a client that is cut in the middle of one keeps a timer for 30 s.
      const gone = [...wss.clients].map((ws) => {
        const closed = new Promise((resolve) => ws.once('close', resolve));
        ws.close(1001);
        return closed;
      });
      const late = setTimeout(() => {
        for (const ws of wss.clients) ws.terminate();
      }, GOODBYE_MS);
      await Promise.all(gone);
      clearTimeout(late);
      wss.close();
    },
  };
}

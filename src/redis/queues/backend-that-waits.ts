/**
 * BullMQ's way to Redis, which asks for no INFO and waits after a refusal.
 */
import { setTimeout as sleep } from 'node:timers/promises';
import { type BackendFactory, createRedisBackend, type RedisQueueBackend } from 'bullmq';

/** After a refusal BullMQ asks for the next job at once, and for ever: a full Redis got 20,000 commands a second. */
const FETCH_AGAIN_MS = 1_000;

/**
 * The backend of a worker, until `stopping` is aborted. BullMQ takes an unknown version for one that
 * can block for whole seconds only, so that ends would come late; any Redis that the bot's own scripts work on can do
 * better.
 */
export function backendThatWaits(stopping: AbortSignal): BackendFactory<RedisQueueBackend> {
  return (...given) => {
    const backend = createRedisBackend(...given);
    const blocking = backend.blockingConnection;
    void blocking?.client.then(
      () => {
        blocking.capabilities = { canDoubleTimeout: true, canBlockFor1Ms: false };
      },
      () => undefined,
    );
    const fetch = backend.moveToActive.bind(backend);
    backend.moveToActive = (...args) =>
      fetch(...args).catch(async (cause: unknown) => {
        await sleep(FETCH_AGAIN_MS, undefined, { signal: stopping }).catch(() => undefined);
        throw cause;
      });
    return backend;
  };
}

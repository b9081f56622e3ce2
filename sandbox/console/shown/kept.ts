/**
 * Limits the time line lane by lane, in the sandbox and in its page, so that frequent lines do not push out rare
 * ones.
 */
import type { Lane } from './shapes.js';

export const KEPT: Record<Lane, number> = { slack: 600, aws: 800, redis: 400, bot: 300, visitor: 200 };

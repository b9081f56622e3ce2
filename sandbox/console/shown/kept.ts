/** How many lines of the time line are kept, by the sandbox and by its page: what happens often drives out nothing else. */
import type { Lane } from './shapes.js';

export const KEPT: Record<Lane, number> = { slack: 600, aws: 800, redis: 400, bot: 300, hand: 200 };

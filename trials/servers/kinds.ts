/** The ways in which Redis is run. Each is started for real, on this machine. */
import { alone } from './kinds/alone.js';
import { cluster } from './kinds/cluster.js';
import { sentinel } from './kinds/sentinel.js';
import type { Start } from './kinds/servers.js';

export type Kind = 'alone' | 'sentinel' | 'cluster';

export const KINDS: Readonly<Record<Kind, Start>> = { alone, sentinel, cluster };

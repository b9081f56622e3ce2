/** The project's folder, with a slash at its end: for the scripts that bootstrap.mjs imports as well as for the others. */
import { fileURLToPath } from 'node:url';

export const root = fileURLToPath(new URL('..', import.meta.url));

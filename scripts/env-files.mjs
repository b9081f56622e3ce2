/** Variables from files: the files that node was given with --env-file, and .env. */
import { existsSync, readFileSync } from 'node:fs';
import { parseEnv } from 'node:util';
import { Sorry } from './bootstrap.mjs';

/**
 * Adds the variables of the files to the environment; what the environment has already stays. Node has read those of
 * --env-file by now, with a replacement for each wrong byte, and with a byte order mark in the name of the first
 * variable.
 * @throws Sorry where a file is not UTF-8
 */
export async function loadEnvFiles() {
  const decodeUtf8 = await decoder();
  for (const file of [...givenToNode(process.execArgv), '.env'].filter(existsSync)) {
    const decoded = decodeUtf8(readFileSync(file), file);
    if (!decoded.ok) throw new Sorry(decoded.problem, 2);
    for (const [name, value] of Object.entries(parseEnv(decoded.text))) process.env[name] ??= value;
  }
}

/** The files of `--env-file=FILE` and `--env-file FILE`; the last one first, since the last one wins. */
function givenToNode(args) {
  const files = args.flatMap((arg, index) => {
    const [option, ...file] = arg.split('=');
    if (!/^--env-file(-if-exists)?$/.test(option)) return [];
    return [file.length > 0 ? file.join('=') : (args[index + 1] ?? '')];
  });
  return files.reverse();
}

async function decoder() {
  try {
    return (await import('../dist/src/policy-file/utf8.js')).decodeUtf8;
  } catch (fault) {
    // The emergency close makes do with a build from before that file.
    if (fault.code !== 'ERR_MODULE_NOT_FOUND') throw fault;
    return (bytes) => ({ ok: true, text: bytes.toString('utf8') });
  }
}

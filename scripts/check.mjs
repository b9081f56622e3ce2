/** `npm run check`: checks side by side everything that needs no running program. Shows the output of failed checks. */
import './node-version.mjs';

const colors = process.stdout.isTTY ? 'force' : 'off';
const CHECKS = [
  ['types', 'typescript/bin/tsc', '-p', 'tsconfig.json', '--pretty', `${colors === 'force'}`],
  [
    'types of the page',
    'typescript/bin/tsc',
    '-p',
    'tsconfig.page.json',
    '--noEmit',
    '--pretty',
    `${colors === 'force'}`,
  ],
  ['lint and format', '@biomejs/biome/bin/biome', 'ci', `--colors=${colors}`, '--diagnostic-level=warn', '.'],
  ['dead code', 'knip/bin/knip.js', '--no-progress'],
];

import('./bootstrap.mjs').then(({ main, bootstrap, runTool }) =>
  main(async () => {
    await bootstrap({ compile: false });
    const results = await Promise.all(
      CHECKS.map(async ([name, file, ...args]) => {
        const startedMs = Date.now();
        const { code, output } = await runTool(file, ...args);
        const seconds = ((Date.now() - startedMs) / 1000).toFixed(1);
        console.log(`  ${code === 0 ? '✓' : '✗'} ${name.padEnd(17)} ${seconds} s`);
        return { name, code, output };
      }),
    );
    const failed = results.filter(({ code }) => code !== 0);
    for (const { name, output } of failed) console.log(`\n${name}\n${output}`);
    return failed.length > 0 ? 1 : 0;
  }),
);

/** `npm run test:browser`: the sandbox's console in a real browser. Arguments go to Jest. */
import './node-version.mjs';

/** Flags of Chromium: above all, it asks its maker for nothing. */
const ARGUMENTS = [
  '--headless',
  '--no-sandbox',
  '--disable-gpu',
  '--disable-quic',
  '--no-first-run',
  '--disable-background-networking',
  '--disable-component-update',
  '--disable-sync',
];

import('./bootstrap.mjs').then(({ main, bootstrap, root, standIn, toolFile, Sorry }) =>
  main(async () => {
    const { availableParallelism } = await import('node:os');
    const { findChromium, HOW_TO_GET_ONE } = await import('./chromium.mjs');
    const executablePath = findChromium();
    if (!executablePath) throw new Sorry(HOW_TO_GET_ONE);
    console.log(`Browser: ${executablePath}`);
    await bootstrap();
    const args = process.argv.slice(2);
    const saysWorkers = args.some((arg) => /^(-i|-w|--runInBand|--maxWorkers)/.test(arg));
    const { chromium } = await import('playwright-core');
    // A signal is for Jest, and the browser is closed after it.
    const signals = { handleSIGINT: false, handleSIGTERM: false, handleSIGHUP: false };
    const browser = await chromium.launchServer({ executablePath, args: ARGUMENTS, ...signals });
    try {
      const jest = [
        '--experimental-vm-modules',
        '--disable-warning=ExperimentalWarning',
        toolFile('jest/bin/jest.js'),
        '--config=jest.browser.config.mjs',
        ...args,
        // Most of the time a test waits for an end, a reminder or a sweep: two files a core keep it busy.
        ...(saysWorkers ? [] : [`--maxWorkers=${2 * availableParallelism()}`]),
      ];
      return await standIn(jest, {
        cwd: root,
        env: {
          ...process.env,
          BROWSER_URL: browser.wsEndpoint(),
          AWS_SDK_JS_NODE_VERSION_SUPPORT_WARNING_DISABLED: 'true',
        },
      });
    } finally {
      await browser.close();
    }
  }),
);

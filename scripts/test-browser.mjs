/** `npm run test:browser`: the sandbox's console in a real browser. Arguments go to Jest. */
import './node-version.mjs';

import('./bootstrap.mjs').then(({ main, bootstrap, root, standIn, toolFile, Sorry }) =>
  main(async () => {
    const { findChromium, HOW_TO_GET_ONE } = await import('./chromium.mjs');
    const chromium = findChromium();
    if (!chromium) throw new Sorry(HOW_TO_GET_ONE);
    console.log(`Browser: ${chromium}`);
    await bootstrap();
    const jest = [
      '--experimental-vm-modules',
      '--disable-warning=ExperimentalWarning',
      toolFile('jest/bin/jest.js'),
      '--config=jest.browser.config.mjs',
      // One browser and one bot at a time: what is measured is the page, not the machine.
      '--runInBand',
      ...process.argv.slice(2),
    ];
    return standIn(jest, {
      cwd: root,
      env: {
        ...process.env,
        CHROMIUM_PATH: chromium,
        AWS_SDK_JS_NODE_VERSION_SUPPORT_WARNING_DISABLED: 'true',
      },
    });
  }),
);

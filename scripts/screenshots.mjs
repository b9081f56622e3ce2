/**
 * `npm run screenshots`: walks through the main job in the sandbox's console and writes docs/images, the README's
 * pictures.
 */
import './node-version.mjs';

import('./bootstrap.mjs').then(({ main, bootstrap, root, Sorry }) =>
  main(async () => {
    const { mkdirSync } = await import('node:fs');
    const { findChromium, HOW_TO_GET_ONE } = await import('./chromium.mjs');
    const executablePath = findChromium();
    if (!executablePath) throw new Sorry(HOW_TO_GET_ONE);
    await bootstrap();
    const { chromium } = await import('playwright-core');
    const { startConsole } = await import('../dist/sandbox/console/console.js');
    const folder = `${root}docs/images/`;
    mkdirSync(folder, { recursive: true });
    const sandbox = await startConsole({ port: 0 });
    const browser = await chromium.launch({
      executablePath,
      args: ['--headless', '--no-sandbox', '--disable-gpu'],
    });
    try {
      await sandbox.keeper.start();
      const page = await browser.newPage({ viewport: { width: 1280, height: 760 } });
      await page.goto(`${sandbox.url}/?tour=off`);
      await page.waitForSelector('body[data-ready]');
      await takePictures(page, folder);
    } finally {
      await browser.close();
      await sandbox.close();
    }
    return 0;
  }),
);

async function takePictures(page, folder) {
  const picture = async (name, selector) => {
    // After a moment everything that moves is at rest.
    await page.waitForTimeout(400);
    const target = typeof selector === 'string' ? page.locator(selector) : (selector ?? page);
    await target.screenshot({ path: `${folder}${name}.png`, animations: 'disabled' });
    console.log(`  docs/images/${name}.png`);
  };
  const become = (name) => page.click(`[data-person="${name}"]`);
  const message = (text) => page.locator('.message').filter({ hasText: text }).last();

  // High enough for the whole form.
  await page.setViewportSize({ width: 1280, height: 1150 });
  await page.fill('#write', '/workspace-ssh');
  await page.press('#write', 'Enter');
  await page.waitForSelector('[data-block="workspace"]');
  await page.getByLabel('Where will you connect from?').selectOption({ label: 'Another address' });
  await page.getByLabel('Your address').fill('203.0.113.25');
  await page.getByLabel('Why?').fill('fixing the build, OPS-412');
  await picture('form', '#slack');
  await page.setViewportSize({ width: 1280, height: 800 });
  await page.getByRole('button', { name: 'Send request' }).click();

  await page.waitForSelector('[data-person="maria"] .badge');
  await become('maria');
  await message('asks for SSH').waitFor();
  await picture('approval', message('asks for SSH'));
  await page.getByRole('button', { name: /^Approve/ }).click();
  await page.waitForSelector('[data-source="203.0.113.25/32"]');
  await become('jane');
  await message(/Open until/).waitFor();
  // High enough for the whole card.
  await page.setViewportSize({ width: 1280, height: 960 });
  await picture('console');
  await page.setViewportSize({ width: 1280, height: 800 });

  await page.getByRole('tab', { name: /Weather/ }).click();
  await page.locator('[data-weather="redis-gone"]').getByRole('button').click();
  const gone = page.locator('[data-weather="redis-gone"]');
  await gone.locator('.verdict-held').waitFor({ timeout: 120_000 });
  await gone.evaluate((card) => card.scrollIntoView({ block: 'center' }));
  await picture('weather', '#right');
  await page.locator('[data-weather="redis-gone"]').getByRole('button').click();
  await message(/Ended/).waitFor({ timeout: 60_000 });
  await picture('ended', '#messages');
}

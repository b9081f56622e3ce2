/** Gives a test a visitor with the console open in a real browser, and the town behind it to look at the truth. */
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, afterEach, beforeAll, expect } from '@jest/globals';
import { type Browser, type BrowserContext, chromium, type Locator, type Page } from 'playwright-core';
import { type Console, type ConsoleOptions, startConsole } from '../../sandbox/console/console.js';
import { fileOf } from '../../sandbox/town.js';
import { PATIENCE_MS } from '../patience.js';

/** The visitor's time zone, which nobody's Slack in the sandbox is set to. */
export const ZONE = 'Asia/Tokyo';

/** Runs in the page: reports everything that the page does not know, even if that is gone before a test looks. */
const WATCH = `new MutationObserver((changes) => {
  for (const node of changes.flatMap(({ addedNodes }) => [...addedNodes]))
    for (const one of node instanceof Element ? [node, ...node.querySelectorAll('[data-unknown]')] : [])
      if (one.dataset.unknown !== undefined) seenUnknown(one.dataset.unknown);
}).observe(document, { childList: true, subtree: true })`;

export interface Visitor {
  page: Page;
  /** Sends a line as the person whose Slack is shown. */
  types(line: string): Promise<void>;
  becomes(name: string): Promise<void>;
  /** The newest message with the text, once there is one. */
  sees(text: string | RegExp): Promise<Locator>;
  /** Presses the newest such button, or the newest in a message with `text`. */
  presses(button: string | RegExp, text?: string | RegExp): Promise<void>;
  /** The text in the clipboard. */
  copied(): Promise<string>;
  /** The row of an ingress rule. */
  rule(source: string): Locator;
  /** Waits for the rule. @throws an Error with the words on the page if there is none in time */
  opens(source: string): Promise<void>;
  weather(id: string): Locator;
}

export interface Stage {
  readonly console: Console;
  visit(query?: string, size?: { width: number; height: number }): Promise<Visitor>;
  /** Calls Slack as the bot does, without its rates. */
  api(method: string, body: object): Promise<unknown>;
  /** Says that the test shows something unknown on purpose: the test fails unless the page reports exactly that. */
  expectUnknown(type: string): void;
  /** The errors in the page, and every request of the page to another server than its own. */
  readonly complaints: string[];
}

/**
 * How many seconds access must last that a test wants to see open: several times as long as an opening took on this
 * machine, so that access is not over before the test looks.
 */
export function longEnough(openingMs: number): number {
  return Math.min(60, Math.max(8, Math.ceil((4 * openingMs) / 1_000)));
}

interface StageOptions extends ConsoleOptions {
  /** Changes the sandbox's policy. */
  policy?(text: string): string;
}

/**
 * The controls and fields on the screen that have no name for a screen reader, as HTML. The options of a select count
 * as no name.
 */
export async function nameless(page: Page): Promise<unknown> {
  return page.evaluate(`[...document.querySelectorAll('button, input, select, textarea, a, [role=radiogroup]')]
    .filter((node) => node.checkVisibility())
    .filter((node) => !node.getAttribute('aria-label') && !node.getAttribute('aria-labelledby') && !node.labels?.length)
    .filter((node) => !(['BUTTON', 'A'].includes(node.tagName) && node.textContent.trim()))
    .map((node) => node.outerHTML)`);
}

/** Whether a click at the middle of the element meets it, so that nothing covers it and no pane cuts it off. */
export async function isInSight(element: Locator): Promise<boolean> {
  return element.evaluate((node) => {
    const { left, right, top, bottom } = node.getBoundingClientRect();
    return node.contains(node.ownerDocument.elementFromPoint((left + right) / 2, (top + bottom) / 2));
  });
}

/** Connects the file to the browser that all files share, and starts a town with a bot. Each visit is a window. */
export function stage({ policy, ...options }: StageOptions = {}): Stage {
  let browser: Browser;
  let opened: Console;
  let folder: string;
  let contexts: BrowserContext[] = [];
  const complaints: string[] = [];
  const unknown = new Set<string>();
  let expected: string[] = [];
  beforeAll(async () => {
    browser = await chromium.connect(process.env.BROWSER_URL ?? '');
    folder = mkdtempSync(join(tmpdir(), 'workspace-ssh-stage-'));
    const policyFile = join(folder, 'policy.yml');
    const usual = readFileSync(fileOf('sandbox/policy.yml'), 'utf8');
    writeFileSync(policyFile, policy ? policy(usual) : usual);
    opened = await startConsole({ port: 0, policyFile, ...options });
    await opened.keeper.start();
  }, PATIENCE_MS);
  afterAll(async () => {
    await browser.close();
    await opened.close();
    rmSync(folder, { recursive: true });
  }, PATIENCE_MS);
  afterEach(async () => {
    // A page's reports arrive before its answer to this question.
    await Promise.all(contexts.flatMap((context) => context.pages()).map((page) => page.evaluate('0')));
    await Promise.all(contexts.map((context) => context.close()));
    contexts = [];
    const heard = complaints.splice(0);
    // The next test must find nobody in the middle of a form.
    const { slack } = opened.town;
    for (const { id } of slack.world.users.filter(({ isBot }) => !isBot)) {
      const person = slack.person(id);
      for (const open of person.views().reverse()) await person.close(open);
    }
    const shown = [...unknown];
    const purpose = expected;
    unknown.clear();
    expected = [];
    expect(heard).toEqual([]);
    // The page must know everything that the bot sent in the test.
    expect(shown.toSorted()).toEqual(purpose.toSorted());
  }, PATIENCE_MS);
  return {
    get console() {
      return opened;
    },
    complaints,
    async api(method, body) {
      const { slack } = opened.town;
      slack.settings.rates.enabled = false;
      const response = await fetch(`${slack.apiUrl}${method}`, {
        method: 'POST',
        headers: {
          'content-type': 'application/json',
          authorization: `Bearer ${slack.world.app.botToken}`,
          // The server may close a kept connection just as the next call uses it.
          connection: 'close',
        },
        body: JSON.stringify(body),
      });
      return response.json();
    },
    expectUnknown(type) {
      expected.push(type);
    },
    async visit(query = '?tour=off', size = { width: 1280, height: 800 }) {
      const permissions = ['clipboard-read', 'clipboard-write'];
      const context = await browser.newContext({ viewport: size, permissions, timezoneId: ZONE });
      contexts.push(context);
      await context.exposeFunction('seenUnknown', (type: string) => void unknown.add(type));
      await context.addInitScript(WATCH);
      const page = await context.newPage();
      page.setDefaultTimeout(PATIENCE_MS);
      page.on('pageerror', (fault) => complaints.push(fault.message));
      page.on('request', (request) => {
        if (!request.url().startsWith(opened.url)) complaints.push(`asked for ${request.url()}`);
      });
      await page.goto(`${opened.url}/${query}`);
      await page.waitForSelector('body[data-ready]');
      return visitorOf(page);
    },
  };
}

function visitorOf(page: Page): Visitor {
  const messages = (text: string | RegExp): Locator => page.locator('.message').filter({ hasText: text });
  return {
    page,
    async types(line) {
      await page.getByLabel('Message', { exact: true }).fill(line);
      await page.getByLabel('Message', { exact: true }).press('Enter');
    },
    async becomes(name) {
      await page.locator(`[data-person="${name}"]`).click();
      await page.locator(`[data-person="${name}"].is-me`).waitFor();
    },
    async sees(text) {
      const found = messages(text).last();
      try {
        await found.waitFor();
      } catch {
        const there = await page.locator('.message').allInnerTexts();
        throw new Error(`did not see ${text}, but:\n${there.join('\n---\n') || 'nothing'}`);
      }
      return found;
    },
    async presses(button, text = '') {
      await messages(text).getByRole('button', { name: button }).last().click();
    },
    async copied() {
      const text: unknown = await page.evaluate('navigator.clipboard.readText()');
      return String(text);
    },
    rule: (source) => page.locator(`[data-source="${source}"]`),
    async opens(source) {
      try {
        await page.locator(`[data-source="${source}"]`).waitFor();
      } catch {
        const there = await page.locator('.message, .toast, #lines').allInnerTexts();
        throw new Error(`no rule for ${source}, but:\n${there.join('\n---\n')}`);
      }
    },
    weather: (id) => page.locator(`[data-weather="${id}"]`),
  };
}

/**
 * Holds that the page draws every block and element that the pretend Slack takes, and the common parts of rich text, that
 * it shows anything else as unknown, and that many messages and rules do not make it slow.
 */
import { expect, test } from '@jest/globals';
import { SHARED_GROUP } from '../../sandbox/world.js';
import { PATIENCE_MS } from '../patience.js';
import { isInSight, nameless, stage } from './visitor.js';

const scene = stage();
/** Two to six times as much was measured: twice that leaves room for a busy machine. */
const MOST_MORE_WORK = 10;

const text = (words: string) => ({ type: 'plain_text', text: words });
const option = (value: string) => ({ text: text(`Option ${value}`), value });
const options = [option('a'), option('b')];
const element = (type: string, more: object = {}) => ({ type, action_id: type, ...more });

const ONE_OF = [
  element('static_select', { placeholder: text('Pick'), options }),
  element('external_select', { placeholder: text('Search') }),
  element('users_select', { placeholder: text('Who') }),
  element('conversations_select', { placeholder: text('Where') }),
  element('channels_select', { placeholder: text('Channel') }),
];
const MANY_OF = [
  element('multi_static_select', { options }),
  element('multi_external_select'),
  element('multi_users_select'),
  element('multi_conversations_select'),
  element('multi_channels_select'),
];
const CHOICES = [element('radio_buttons', { options }), element('checkboxes', { options })];
const TIMES = [element('datepicker'), element('timepicker'), element('datetimepicker')];
const TYPED = [
  element('plain_text_input', { multiline: true }),
  element('number_input', { is_decimal_allowed: false }),
  element('email_text_input'),
  element('url_text_input'),
];
const PRESSED = [
  element('button', { text: text('Press'), style: 'danger', value: 'v' }),
  element('overflow', { options: [option('x'), { ...option('y'), url: 'https://example.com/' }] }),
];
const PICTURE = { type: 'image', image_url: 'https://example.com/a.png', alt_text: 'a picture' };

const MESSAGE = [
  { type: 'header', text: text('A header') },
  {
    type: 'section',
    text: {
      type: 'mrkdwn',
      text: '*bold* _italic_ ~struck~ `code` <https://example.com|a link> <@U0JANE> <#C0ACCESS> :warning:\n> quoted',
    },
    fields: [text('one'), text('two')],
    accessory: PICTURE,
  },
  ...MANY_OF.map((accessory) => ({ type: 'section', text: text(accessory.type), accessory })),
  { type: 'context', elements: [PICTURE, { type: 'mrkdwn', text: 'a *context*' }] },
  { type: 'divider' },
  { ...PICTURE, title: text('Titled') },
  { type: 'actions', elements: [...PRESSED, ...ONE_OF, ...CHOICES, ...TIMES] },
  {
    type: 'rich_text',
    elements: [
      {
        type: 'rich_text_section',
        elements: [
          { type: 'text', text: 'rich', style: { bold: true } },
          { type: 'user', user_id: 'U0JANE' },
          { type: 'emoji', name: 'wave' },
          { type: 'link', url: 'https://example.com/', text: 'there' },
        ],
      },
      {
        type: 'rich_text_list',
        style: 'bullet',
        elements: [{ type: 'rich_text_section', elements: [{ type: 'text', text: 'an item' }] }],
      },
      { type: 'rich_text_quote', elements: [{ type: 'text', text: 'said' }] },
      { type: 'rich_text_preformatted', elements: [{ type: 'text', text: 'Host a\n  Port 22' }] },
    ],
  },
];
const FIELDS = [...TYPED, ...ONE_OF, ...MANY_OF, ...CHOICES, ...TIMES];
const HOME = [
  ...MESSAGE,
  ...FIELDS.map((one) => ({
    type: 'input',
    label: text(`Field ${one.type}`),
    element: one,
    block_id: `field-${one.type}`,
  })),
];

test('a message shows every block and element', async () => {
  const { page, sees } = await scene.visit('?tour=off&as=lee');
  expect(
    await scene.api('chat.postMessage', { channel: 'U0LEE', text: 'all', blocks: MESSAGE }),
  ).toMatchObject({
    ok: true,
  });
  const shown = await sees('A header');
  expect(await page.locator('[data-unknown]').count()).toBe(0);
  expect(await nameless(page)).toEqual([]);
  expect(await shown.locator('strong').first().isVisible()).toBe(true);
  expect(await shown.innerText()).toMatch(/@jane[\s\S]*#it-access[\s\S]*⚠️[\s\S]*quoted/);
  expect(await shown.locator('select').count()).toBe(8);
  expect(await shown.locator('blockquote').count()).toBe(2);
  expect(scene.complaints).toEqual([]);
});

test('links in messages of an app are followed, except addresses that would run a script', async () => {
  const { page, sees } = await scene.visit('?tour=off&as=lee', { width: 1280, height: 560 });
  const url = `${scene.console.url}/icon.svg`;
  const link = (to: string, words: string) => ({ type: 'link', url: to, text: words });
  const part = (...elements: object[]) => ({ type: 'rich_text_section', elements });
  await scene.api('chat.postMessage', {
    channel: 'U0LEE',
    text: 'links',
    blocks: [
      { type: 'section', text: { type: 'mrkdwn', text: '<javascript:document.title=1|three>' } },
      {
        type: 'rich_text',
        elements: [
          part(link('javascript:document.title=1', 'one'), link(url, 'two')),
          { type: 'rich_text_list', style: 'bullet', elements: [part({ type: 'text', text: 'bullet' })] },
          { type: 'rich_text_list', style: 'ordered', elements: [part({ type: 'text', text: 'number' })] },
        ],
      },
      {
        type: 'actions',
        elements: [element('overflow', { options: [{ ...option('z'), url }, option('x'), option('y')] })],
      },
    ],
  });
  const shown = await sees('bullet');
  expect(await shown.locator('a').allInnerTexts()).toEqual(['two']);
  expect(await shown.innerText()).toMatch(/three[\s\S]*one/);
  const looks = await page.evaluate(
    `[...[...document.querySelectorAll('.message')].at(-1).querySelectorAll('li')].map((one) => getComputedStyle(one).listStyleType)`,
  );
  expect(looks).toEqual(['disc', 'decimal']);
  const opened = page.context().waitForEvent('page');
  await shown.getByRole('button', { name: 'More actions' }).click();
  // The message stands right over the composer, where the conversation ends.
  for (const choice of await shown.getByRole('menuitem').all()) expect(await isInSight(choice)).toBe(true);
  await shown.getByRole('menuitem').first().click();
  await (await opened).waitForURL(url);
  expect(await shown.locator(':focus').getAttribute('aria-label')).toBe('More actions');
});

test('a click arrives even if its message was edited behind the open confirmation', async () => {
  const { page, sees } = await scene.visit('?tour=off&as=lee');
  const { slack } = scene.console.town;
  const confirm = {
    title: text('Look twice'),
    text: text('Sure?'),
    confirm: text('Do it'),
    deny: text('Back'),
  };
  // The bot knows this button, so it answers, although it has no such request.
  const known = { action_id: 'access.take-back', value: JSON.stringify({ id: 'ZZZZZ', v: 1 }) };
  const button = { type: 'button', text: text('Twice'), confirm, ...known };
  const blocks = [{ type: 'actions', elements: [button] }];
  const posted: unknown = await scene.api('chat.postMessage', { channel: 'U0LEE', text: 'edited', blocks });
  const { channel, ts } = Object(posted);
  const card = await sees('Twice');
  await card.getByRole('button', { name: 'Twice' }).click();
  await page.getByRole('alertdialog').waitFor();
  await scene.api('chat.update', {
    channel,
    ts,
    text: 'edited',
    blocks: [{ type: 'section', text: text('Edited meanwhile') }, ...blocks],
  });
  await sees('Edited meanwhile');
  await page.getByRole('button', { name: 'Do it' }).click();

  const clicks = (): number =>
    slack.journal.filter(
      ({ method, request }) => method === 'block_actions' && Object(request).message?.ts === ts,
    ).length;
  const deadline = Date.now() + PATIENCE_MS;
  while (clicks() === 0 && (await page.locator('.toast').count()) === 0 && Date.now() < deadline)
    await page.waitForTimeout(50);
  expect(await page.locator('.toast').allInnerTexts()).toEqual([]);
  expect(clicks()).toBe(1);
});

test('the Home tab shows every field', async () => {
  const { page } = await scene.visit('?tour=off&as=gina');
  const view = { type: 'home', blocks: HOME };
  await page.getByRole('button', { name: 'Home' }).click();
  // First the bot publishes its own Home.
  await page.locator('#home').getByRole('button', { name: 'Request SSH access' }).waitFor();
  expect(await scene.api('views.publish', { user_id: 'U0GINA', view })).toMatchObject({ ok: true });
  await page.getByText('Field datetimepicker').waitFor();
  for (const { type } of FIELDS)
    expect([type, await page.locator(`[data-block="field-${type}"] label`).first().innerText()]).toEqual([
      type,
      `Field ${type}`,
    ]);
  expect(await page.locator('[data-unknown]').count()).toBe(0);
});

test('a block that Slack does not have is shown as unknown, and does not break the others', async () => {
  const { page, sees } = await scene.visit('?tour=off&as=lee');
  const strange = [
    { type: 'rich_text', elements: [{ type: 'rich_text_hologram', elements: [] }] },
    { type: 'section', text: text('after it') },
  ];
  await scene.api('chat.postMessage', { channel: 'U0LEE', text: 'strange', blocks: strange });
  await sees('after it');
  expect(await page.locator('[data-unknown="rich_text_hologram"]').innerText()).toContain('does not know');
  scene.expectUnknown('rich_text_hologram');
});

test('an unknown block in a form is reported, even if the form is closed again', async () => {
  const { page, types } = await scene.visit('?tour=off&as=tom');
  await types('/workspace-ssh');
  const form = page.getByRole('dialog');
  await form.locator('[data-block="workspace"] select').waitFor();
  const [open] = scene.console.town.slack.person('U0TOM').views();
  const view = {
    type: 'modal',
    title: text('Strange'),
    blocks: [{ type: 'rich_text', elements: [{ type: 'rich_text_mirage', elements: [] }] }],
  };
  expect(await scene.api('views.update', { view_id: open?.id, view })).toMatchObject({ ok: true });
  await form.locator('[data-unknown]').waitFor();
  await page.keyboard.press('Escape');
  await form.waitFor({ state: 'detached' });
  scene.expectUnknown('rich_text_mirage');
});

test('with 500 messages and 300 rules the page draws only what is new, which costs little more than without them', async () => {
  const { page, sees, rule } = await scene.visit('?tour=off&as=ada');
  const { aws } = scene.console.town;
  aws.settings.quotas.rulesPerGroup = 1_000;
  const says = (words: string) =>
    scene.api('chat.postMessage', {
      channel: 'U0ADA',
      text: words,
      blocks: [{ type: 'section', text: { type: 'mrkdwn', text: `*${words}*` } }],
    });
  const devtools = await page.context().newCDPSession(page);
  await devtools.send('Performance.enable', { timeDomain: 'threadTicks' });
  /** The seconds that the page's thread worked until a few more messages and rules were on the screen. */
  async function worked(round: number): Promise<number> {
    const total = async (): Promise<number> => {
      const { metrics } = await devtools.send('Performance.getMetrics');
      return metrics.find(({ name }) => name === 'TaskDuration')?.value ?? Number.NaN;
    };
    const before = await total();
    for (let index = 0; index < 5; index++) {
      await says(`more ${round} ${index}`);
      await sees(`more ${round} ${index}`);
      aws.addRule(SHARED_GROUP, { cidr: `198.18.${round}.${index}/32` });
      await rule(`198.18.${round}.${index}/32`).waitFor();
    }
    return (await total()) - before;
  }
  // The first round warms the page up.
  await worked(0);
  const empty = await worked(1);
  for (let index = 0; index < 300; index++)
    aws.addRule(SHARED_GROUP, {
      cidr: `192.0.2.${index % 250}/32`,
      fromPort: 22 + Math.floor(index / 250),
      toPort: 22 + Math.floor(index / 250),
    });
  for (let index = 0; index < 500; index++) await says(`message ${index}`);
  await sees('message 499');
  await page.locator('#rules > tr').nth(299).waitFor();
  // Nodes that are there now get a mark, so that nodes made anew can be told from them.
  await page.evaluate(
    `for (const node of document.querySelectorAll('.message, #rules > tr')) node.dataset.old = 'yes';`,
  );
  const full = await worked(2);
  process.stdout.write(
    `5 more messages and rules: ${Math.round(empty * 1000)} ms of work; beside 500 and 300: ${Math.round(full * 1000)} ms\n`,
  );
  expect(await page.locator('.message:not([data-old])').count()).toBe(5);
  expect(await page.locator('#rules > tr:not([data-old])').count()).toBe(5);
  expect(await page.locator('.message').count()).toBeLessThanOrEqual(101);
  expect(full / empty).toBeLessThan(MOST_MORE_WORK);
});

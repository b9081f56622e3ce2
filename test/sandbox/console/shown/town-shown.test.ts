/** Holds that the page's offers come from the bot's own table, and not from a second list that grows stale. */
import { expect, test } from '@jest/globals';
import { subcommandsShown } from '../../../../sandbox/console/shown/town-shown.js';
import { working } from '../../../../src/slack/answering/commands/subcommand.js';
import { SUBCOMMANDS } from '../../../../src/slack/answering/commands/table.js';

test('the page offers the subcommands of the bot’s own table', () => {
  expect(subcommandsShown()).toEqual(
    working(SUBCOMMANDS).map(({ word, takes, who, does }) => ({ word, takes, who, does })),
  );
});

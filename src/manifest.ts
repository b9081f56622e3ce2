/** What the Slack app's manifest says of the app. */
import { parse } from 'yaml';
import { z } from 'zod';

const shape = z.object({ oauth_config: z.object({ scopes: z.object({ bot: z.array(z.string()) }) }) });

/** The bot token's scopes. @param text of manifest.yml */
export function scopesOf(text: string): string[] {
  return shape.parse(parse(text)).oauth_config.scopes.bot;
}

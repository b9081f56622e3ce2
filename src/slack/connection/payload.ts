/** The bodies that Slack posts over HTTP. Bolt believes their shape, so a body of another shape never reaches it. */
import { parse } from 'node:querystring';

type Fields = Record<string, unknown>;

/**
 * A body as Bolt takes it: a slash command, an interactive payload, an event, or a check of the address. Undefined for
 * every other body. https://docs.slack.dev/interactivity and https://docs.slack.dev/apis/events-api have the shapes.
 */
export function readPayload(contentType: string | undefined, body: string): Fields | undefined {
  if (contentType?.split(';')[0]?.trim() !== 'application/x-www-form-urlencoded') {
    const event = parsed(body);
    return event && isEvent(event) ? event : undefined;
  }
  const form = { ...parse(body) };
  // The signature does not cover the content type: an event that somebody got hold of could be posted again as a form,
  // with fields that a person had typed into a message.
  if (Object.keys(form).some((name) => !/^\w+$/.test(name))) return undefined;
  if ('payload' in form) {
    const payload = typeof form.payload === 'string' ? parsed(form.payload) : undefined;
    return payload && isInteraction(payload) ? payload : undefined;
  }
  return hasStrings(form, 'command', 'text', 'user_id', 'trigger_id', 'response_url') ? form : undefined;
}

function isEvent(body: Fields): boolean {
  if (body.type === 'url_verification') return hasStrings(body, 'challenge');
  if (body.type !== 'event_callback') return false;
  return isFields(body.event) && hasStrings(body.event, 'type') && hasStrings(body, 'event_id');
}

function isInteraction(body: Fields): boolean {
  const { user, view, actions } = body;
  if (!isFields(user) || !hasStrings(user, 'id')) return false;
  switch (body.type) {
    case 'block_actions':
      return (
        hasStrings(body, 'trigger_id') &&
        Array.isArray(actions) &&
        actions.length > 0 &&
        actions.every((action: unknown) => isFields(action) && hasStrings(action, 'type', 'action_id'))
      );
    case 'shortcut':
    case 'message_action':
      return hasStrings(body, 'callback_id', 'trigger_id');
    case 'view_submission':
      return hasStrings(body, 'trigger_id') && isView(view);
    case 'view_closed':
      return isView(view);
    case 'block_suggestion':
      return hasStrings(body, 'action_id', 'value');
    default:
      return false;
  }
}

function isView(view: unknown): boolean {
  return isFields(view) && hasStrings(view, 'id', 'callback_id', 'private_metadata');
}

function parsed(json: string): Fields | undefined {
  try {
    const value: unknown = JSON.parse(json);
    return isFields(value) ? value : undefined;
  } catch {
    return undefined;
  }
}

function isFields(value: unknown): value is Fields {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

function hasStrings(fields: Fields, ...names: string[]): boolean {
  return names.every((name) => typeof fields[name] === 'string');
}

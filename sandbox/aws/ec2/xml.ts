/** Writes EC2's answers in XML: an object becomes elements, a list `<item>`s, and an undefined value nothing. */

export type Xml = string | number | boolean | Date | undefined | Xml[] | { [element: string]: Xml };

export function envelope(action: string, requestId: string, body: { [element: string]: Xml }): string {
  const inside = written({ requestId, ...body });
  return `${HEAD}<${action}Response xmlns="http://ec2.amazonaws.com/doc/2016-11-15/">${inside}</${action}Response>`;
}

export function errorDocument(code: string, message: string, requestId: string): string {
  const error = written({ Code: code, Message: message });
  return `${HEAD}<Response><Errors><Error>${error}</Error></Errors><RequestID>${requestId}</RequestID></Response>`;
}

/** STS's answer, which has another form than EC2's. */
export function identityDocument(account: string, requestId: string): string {
  const who = {
    Arn: `arn:aws:sts::${account}:assumed-role/workspace-ssh/bot`,
    UserId: 'AROASANDBOX:bot',
    Account: account,
  };
  const inside = written({ GetCallerIdentityResult: who, ResponseMetadata: { RequestId: requestId } });
  return `${HEAD}<GetCallerIdentityResponse xmlns="${STS}">${inside}</GetCallerIdentityResponse>`;
}

export function identityRefusal(code: string, message: string, requestId: string): string {
  const inside = written({ Error: { Type: 'Sender', Code: code, Message: message }, RequestId: requestId });
  return `${HEAD}<ErrorResponse xmlns="${STS}">${inside}</ErrorResponse>`;
}

const STS = 'https://sts.amazonaws.com/doc/2011-06-15/';
const HEAD = '<?xml version="1.0" encoding="UTF-8"?>\n';

function written(value: Xml): string {
  if (value === undefined) return '';
  if (value instanceof Date) return value.toISOString();
  if (Array.isArray(value)) return value.map((item) => `<item>${written(item)}</item>`).join('');
  if (typeof value !== 'object') return escaped(String(value));
  return Object.entries(value)
    .filter(([, inside]) => inside !== undefined)
    .map(([name, inside]) => `<${name}>${written(inside)}</${name}>`)
    .join('');
}

function escaped(text: string): string {
  // Line ends are escaped too, since a parser turns every bare carriage return into a line feed.
  return text.replace(/[&<>"'\r\n\t]/g, (character) => `&#${character.charCodeAt(0)};`);
}

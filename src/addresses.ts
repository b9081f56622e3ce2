/** The addresses in the environment: read once into their parts, so that whoever connects parses no text again. */

/** A machine, by name or address (IPv6 without brackets), and a port. */
export interface Place {
  host: string;
  port: number;
}

export type AddressReading<T> = { ok: true; value: T } | { ok: false; problem: string };

/** Reads the address of Slack's Web API or what stands for it; the answer ends with a slash. */
export function readSlackUrl(text: string): AddressReading<string> {
  const url = URL.parse(text);
  if (!url || !/^https?:$/.test(url.protocol)) {
    const problem = 'leave it out for Slack itself; elsewhere it starts with http:// or https://.';
    return { ok: false, problem };
  }
  if (url.username || url.password || url.search || url.hash) {
    return { ok: false, problem: 'it has a host and a path alone: no user, no password, no ? and no #.' };
  }
  return { ok: true, value: url.href.endsWith('/') ? url.href : `${url.href}/` };
}

/** Reads where metrics are answered: `9464`, on this machine alone, or `0.0.0.0:9464`, `[::1]:9464`. */
export function readListening(text: string): AddressReading<Place> {
  const [, host = '127.0.0.1', portText = ''] =
    /^(?:(\[[0-9a-f:.]+\]|[^\s:/[\]]+):)?(\d{1,5})$/i.exec(text) ?? [];
  const port = Number(portText);
  if (port >= 1 && port <= 65_535) return { ok: true, value: { host: host.replace(/^\[|\]$/g, ''), port } };
  const problem = 'a port such as 9464, for this machine alone, or an address of this machine and a port.';
  return { ok: false, problem };
}

/** Where the AWS SDK reads an address of AWS that is not AWS's own. */
const AWS_URLS = ['', '_EC2', '_WORKSPACES', '_DIRECTORY_SERVICE', '_STS'].map(
  (service) => `AWS_ENDPOINT_URL${service}`,
);

/**
 * What the operator should know of addresses that are right and travel in the clear, each in a sentence.
 * @param given the text of a variable, undefined where it is not set
 */
export function exposedAddresses(
  slackUrl: string | undefined,
  given: (name: string) => string | undefined,
): string[] {
  const sentences: string[] = [];
  if (isExposed(slackUrl)) {
    sentences.push(
      "SLACK_API_URL starts with http://: whoever is on the way reads the bot's token. Use https://.",
    );
  }
  for (const name of AWS_URLS.filter((one) => isExposed(given(one)))) {
    sentences.push(
      `${name} starts with http://: whoever is on the way can answer in AWS's place. Use https://.`,
    );
  }
  return sentences;
}

function isExposed(address: string | undefined): boolean {
  const url = address === undefined ? undefined : URL.parse(address);
  return url?.protocol === 'http:' && !isThisMachine(url.hostname);
}

export function isThisMachine(host: string): boolean {
  return /^(localhost|127(\.\d{1,3}){3}|\[?::1\]?)$/i.test(host);
}

/** Networks that the policy names, so that people and rules say `Office` instead of a range. */
import { isWithin } from './address-block.js';
import { quoted } from './quoting.js';
import { isSourceByName, readSource, type SourceLimits, type SourceReading } from './source.js';

/** A range of addresses that has a name in the policy. */
export interface Network {
  /** One word, as the form shows it; read in either case. */
  name: string;
  /** Canonical, or as the policy wrote it. */
  cidr: string;
}

/** The network that a word names. */
export function networkNamed(word: string, networks: readonly Network[]): Network | undefined {
  return networks.find(({ name }) => name.toLowerCase() === word.toLowerCase());
}

/** The smallest named network that holds all of a source. */
export function networkAround(cidr: string, networks: readonly Network[]): Network | undefined {
  return networks
    .filter((network) => isWithin(cidr, network.cidr))
    .reduce<Network | undefined>(
      (best, network) => (best && isWithin(best.cidr, network.cidr) ? best : network),
      undefined,
    );
}

/**
 * A named network as a source. A network may be wider than a range that people type, since the policy itself names
 * it; the other limits hold for networks too.
 */
export function readNetwork(network: Network, limits: SourceLimits): SourceReading {
  return readSource(network.cidr, { ...limits, widestIpv4: 1, widestIpv6: 1 });
}

/** Reads a source as a person types it: the name of a network, an address or a range. */
export function readSourceOrName(
  text: string,
  limits: SourceLimits,
  networks: readonly Network[],
): SourceReading {
  const network = networkNamed(text.trim(), networks);
  if (network) return readNetwork(network, limits);
  const reading = readSource(text, limits);
  if (reading.ok || reading.problem !== 'not-an-address' || networks.length === 0) return reading;
  if (!/^[a-z][\w-]*$/i.test(text.trim()) || isSourceByName(text.trim())) return reading;
  const names = networks.map(({ name }) => `\`${name}\``).join(', ');
  return { ...reading, sentence: `${quoted(text)} is no network that the policy names (${names}).` };
}

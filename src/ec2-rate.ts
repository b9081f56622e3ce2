/** How fast EC2 may be called, from the environment. */

/**
 * How many times EC2's documented rates the account has: 1, unless AWS raised them.
 * @param given the text of a variable, undefined where it is not set
 */
export function readRate(given: (name: string) => string | undefined): { rate: number; problems: string[] } {
  const text = given('EC2_RATE') ?? '1';
  const rate = /^\d{1,4}(\.\d{1,3})?$/.test(text) ? Number(text) : Number.NaN;
  if (rate >= 0.1 && rate <= 1_000) return { rate, problems: [] };
  const form = "how many times EC2's documented rates AWS gives your account, from 0.1 to 1000; 1 by default";
  return { rate: 1, problems: [`EC2_RATE is "${text}", which is wrong: ${form}.`] };
}

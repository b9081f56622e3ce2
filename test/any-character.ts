/**
 * Any character that Unicode has, controls and unassigned ones too, but no half of a surrogate pair.
 *
 * fast-check's own unit `binary` draws the same, and takes a second of CPU to be made, in each worker anew.
 */
import fc from 'fast-check';

/** Code points from here to {@link LAST_SURROGATE} are halves of a pair. */
const FIRST_SURROGATE = 0xd800;
const LAST_SURROGATE = 0xdfff;
const SURROGATES = LAST_SURROGATE - FIRST_SURROGATE + 1;

/** The unit of a drawn text: `fc.string({ unit: anyCharacter })`. */
export const anyCharacter: fc.Arbitrary<string> = fc
  .integer({ min: 0, max: 0x10ffff - SURROGATES })
  .map(characterAt, numberOf);

function characterAt(number: number): string {
  return String.fromCodePoint(number < FIRST_SURROGATE ? number : number + SURROGATES);
}

/** @throws when `text` is not one character, so that fast-check knows that this unit cannot have drawn it */
function numberOf(text: unknown): number {
  const codePoint = typeof text === 'string' ? text.codePointAt(0) : undefined;
  if (codePoint === undefined || String.fromCodePoint(codePoint) !== text) throw new Error('no character');
  if (codePoint >= FIRST_SURROGATE && codePoint <= LAST_SURROGATE) throw new Error('half a character');
  return codePoint > LAST_SURROGATE ? codePoint - SURROGATES : codePoint;
}

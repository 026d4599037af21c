/**
 * The form in which names are compared: `A`–`Z` as `a`–`z`, and any other letter as its lower-case form if that
 * is one letter that is not ASCII. The same rule as in the program (`crates/pal-model/src/fold.rs`); both are
 * tested by `crates/pal-model/data/fold.json`. Letter by letter, because `toLowerCase` of a whole text looks at
 * what stands beside a letter, and that of a locale differs between readers.
 */
export const fold = (text: string) =>
  OTHER.test(text) ? Array.from(text, foldLetter).join('') : text.toLowerCase()

/** Anything that is not ASCII. */
const OTHER = /[\u0080-\uffff]/

const isAscii = (letter: string) => letter < '\x80'

function foldLetter(letter: string): string {
  const lower = letter.toLowerCase()
  if (isAscii(letter)) return lower
  return Array.from(lower).length === 1 && !isAscii(lower) ? lower : letter
}

/** Whether two texts are the same name. */
export const isSameName = (one: string, other: string) => fold(one) === fold(other)

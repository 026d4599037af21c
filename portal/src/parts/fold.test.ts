import { expect, test } from 'vitest'
import cases from '../../../crates/pal-model/data/fold.json'
import { fold, isSameName } from './fold'

test.each(cases)('$one and $other: $why', ({ one, other, same }) => {
  expect(isSameName(one, other)).toBe(same)
})

test('no letter meets an ASCII one or changes twice', () => {
  for (let point = 0x80; point <= 0x1ffff; point++) {
    const letter = String.fromCodePoint(point)
    if (letter.toLowerCase() === letter) continue
    const folded = fold(letter)
    const isItself = folded === letter || fold(folded) === folded
    expect(folded >= '\x80' && isItself, letter).toBe(true)
  }
})

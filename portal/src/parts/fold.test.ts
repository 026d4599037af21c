import { expect, test } from 'vitest'
import cases from '../../../crates/pal-model/data/fold.json'
import { fold, isSameName } from './fold'

test.each(cases)('$one and $other: $why', ({ one, other, same }) => {
  expect(isSameName(one, other)).toBe(same)
})

test('no letter meets an ASCII one or changes twice', () => {
  for (let point = 0x80; point <= 0x10ffff; point++) {
    if (point >= 0xd800 && point <= 0xdfff) continue
    const letter = String.fromCodePoint(point)
    const folded = fold(letter)
    if (folded === letter) continue
    expect(folded >= '\x80' && fold(folded) === folded, letter).toBe(true)
  }
})

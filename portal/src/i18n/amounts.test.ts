import { createIntl } from 'react-intl'
import { describe, expect, test } from 'vitest'
import { decimal, exact, growth, money, sum } from './amounts'

const plain = (text: string) => text.replace(/[\u00a0\u202f]/g, ' ')

describe('money', () => {
  test.each([
    ['en-GB', '€1,234,567.89', 'US$0.00'],
    ['nl-NL', '€ 1.234.567,89', 'US$ 0,00'],
    ['sv-SE', '1 234 567,89 €', '0,00 US$'],
  ])('is written as in %s', (locale, euro, dollar) => {
    const intl = createIntl({ locale })
    expect(plain(money(intl, '1234567.8900000000', 'EUR'))).toBe(euro)
    expect(plain(money(intl, '0.0000000000', 'USD'))).toBe(dollar)
  })
  test('is not rounded by way of a binary number', () => {
    const intl = createIntl({ locale: 'en' })
    expect(money(intl, '9007199254740993.01', 'EUR')).toBe('€9,007,199,254,740,993.01')
    expect(money(intl, '1.0050000000', 'EUR')).toBe('€1.01')
    expect(money(intl, '-0.0031', 'EUR', 10)).toBe('-€0.0031')
  })
  test('may be of what is no currency', () => {
    const intl = createIntl({ locale: 'nl' })
    expect(money(intl, '1.5', '')).toBe('1,50 ')
    expect(money(intl, '1.5', 'Points')).toBe('1,50 Points')
  })
})

test('sums are exact', () => {
  expect(sum(['0.1', '0.2'])).toBe('0.3')
  expect(sum(['-1', '0.000000000000000001'])).toBe('-0.999999999999999999')
  expect(sum([])).toBe('0')
  expect(decimal(exact('-12.50'))).toBe('-12.5')
  expect(() => exact('1e3')).toThrow()
})

test.each([
  ['100', '108.25', 0.083],
  ['100', '91.75', -0.083],
  ['3', '2', -0.333],
  ['3', '5', 0.667],
  ['-100', '-50', 0.5],
  ['7', '7.0000', 0],
  ['5', '0', -1],
  ['0', '5', null],
])('from %s to %s is growth of %s', (before, now, expected) => {
  expect(growth(before, now)).toBe(expected)
})

import { createIntl } from 'react-intl'
import { describe, expect, test } from 'vitest'
import {
  addMonths,
  asParameter,
  comparison,
  countMonths,
  lastBegun,
  lastWhole,
  listMonths,
  monthName,
  monthsBefore,
  monthsName,
  monthsOf,
} from './months'

test('months are added over the years', () => {
  expect(addMonths('2026-10', 3)).toBe('2027-01')
  expect(addMonths('2026-01', -1)).toBe('2025-12')
  expect(addMonths('2026-12', 0)).toBe('2026-12')
  expect(countMonths({ from: '2025-11', to: '2026-02' })).toBe(4)
  expect(listMonths({ from: '2025-11', to: '2026-02' })).toEqual([
    '2025-11',
    '2025-12',
    '2026-01',
    '2026-02',
  ])
  expect(monthsBefore({ from: '2026-01', to: '2026-03' })).toEqual({
    from: '2025-10',
    to: '2025-12',
  })
})

test('usage that ends with a month makes it whole', () => {
  expect(lastWhole('2026-11-01T00:00:00Z')).toBe('2026-10')
  expect(lastBegun('2026-11-01T00:00:00Z')).toBe('2026-10')
  expect(lastWhole('2026-11-17T06:00:00Z')).toBe('2026-10')
  expect(lastBegun('2026-11-17T06:00:00Z')).toBe('2026-11')
  expect(lastBegun('2026-01-01T00:00:00Z')).toBe('2025-12')
})

test('a period ends with the last whole month', () => {
  expect(monthsOf(undefined, '2026-10')).toEqual({ from: '2026-05', to: '2026-10' })
  expect(monthsOf('1m', '2026-10')).toEqual({ from: '2026-10', to: '2026-10' })
  expect(monthsOf('12m', '2026-10')).toEqual({ from: '2025-11', to: '2026-10' })
  expect(monthsOf('2026-07', '2026-10')).toEqual({ from: '2026-07', to: '2026-07' })
  expect(monthsOf('2026-07..2026-08', '2026-10')).toEqual({ from: '2026-07', to: '2026-08' })
  expect(asParameter({ from: '2026-07', to: '2026-07' })).toBe('2026-07')
  expect(asParameter({ from: '2026-07', to: '2026-08' })).toBe('2026-07..2026-08')
})

describe('growth compares', () => {
  const months = { from: '2026-08', to: '2026-10' }
  test('with as many months before', () => {
    expect(comparison(months, '2026-05')).toEqual({
      now: months,
      before: { from: '2026-05', to: '2026-07' },
    })
  })
  test('the last month, where there were not as many', () => {
    expect(comparison(months, '2026-06')).toEqual({
      now: { from: '2026-10', to: '2026-10' },
      before: { from: '2026-09', to: '2026-09' },
    })
  })
  test('nothing, where there was nothing', () => {
    expect(comparison({ from: '2026-05', to: '2026-05' }, '2026-05')).toBeNull()
  })
})

test.each([
  ['en', 'October 2026', 'May – October 2026'],
  ['nl', 'oktober 2026', 'mei–oktober 2026'],
  ['sv', 'oktober 2026', 'maj–oktober 2026'],
])('months have names in %s', (locale, one, range) => {
  const intl = createIntl({ locale })
  expect(monthName(intl, '2026-10')).toBe(one)
  const plain = monthsName(intl, { from: '2026-05', to: '2026-10' }).replace(
    /[\u2009\u202f\xa0]/g,
    ' ',
  )
  expect(plain).toBe(range)
  expect(monthsName(intl, { from: '2026-10', to: '2026-10' })).toBe(one)
})

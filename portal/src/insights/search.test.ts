import { expect, test } from 'vitest'
import { insightsSearch } from './search'

const set = (search: Record<string, unknown>) =>
  Object.fromEntries(
    Object.entries(insightsSearch(search)).filter(([, value]) => value !== undefined),
  )

test('an address says what is shown', () => {
  const search = {
    tab: 'customers',
    period: '2026-05..2026-10',
    location: '5127255',
    customer: 'fab00000-0000-4000-8000-000000000000',
    as: 'operator',
    groups: 'yes',
  }
  expect(set(search)).toEqual(search)
})

test('numbers are text, GUIDs in small letters, the earlier month first', () => {
  expect(set({ location: 5127255 })).toEqual({ location: '5127255' })
  expect(set({ customer: 'FAB00000-0000-4000-8000-00000000000F' })).toEqual({
    customer: 'fab00000-0000-4000-8000-00000000000f',
  })
  expect(set({ customer: 'customer-0123456789abcdef' })).toEqual({
    customer: 'customer-0123456789abcdef',
  })
  expect(set({ period: '2026-10..2026-05' })).toEqual({ period: '2026-05..2026-10' })
})

test.each([
  { tab: 'nothing' },
  { period: '2026-13' },
  { period: '5m' },
  { period: '2026-05..' },
  { period: { from: '2026-05' } },
  { location: '0123' },
  { location: 'x' },
  { location: 12345678901 },
  { customer: 'Fabrikam' },
  { customer: '<script>' },
  { as: 'everybody' },
  { groups: true },
  { what: 'ever' },
  { tab: null, period: [], location: Number.NaN },
])('rubbish is as if it were not there: %j', (search) => {
  expect(set(search)).toEqual({})
})

import { describe, expect, it } from 'vitest'
import { byPartner } from './Credited'
import { type Link, lastFullMonth } from './data'

describe('the last full month', () => {
  it.each([
    ['2026-11-01T00:00:00Z', '2026-10'],
    ['2026-11-18T00:00:00Z', '2026-10'],
    ['2026-10-31T23:00:00Z', '2026-09'],
    ['2026-01-01T00:00:00Z', '2025-12'],
    ['2026-03-31T12:00:00Z', '2026-02'],
    [null, null],
    ['', null],
  ])('of usage until %s is %s', (until, month) => expect(lastFullMonth(until)).toBe(month))
})

it('partners are shown that are linked, and those that were credited', () => {
  const links = [
    { partnerId: '2', partnerName: null },
    { partnerId: '2', partnerName: 'Two' },
  ] as Link[]
  const row = {
    month: '2026-10',
    partner_id: '1',
    currency: 'EUR',
    credited_cost: '1.0000000000',
    charges: 1,
  }
  expect(byPartner(links, [row])).toEqual([
    { id: '1', name: undefined, accounts: 0, amounts: [row] },
    { id: '2', name: 'Two', accounts: 2, amounts: [] },
  ])
})

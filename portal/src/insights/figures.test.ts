import { createIntl } from 'react-intl'
import { describe, expect, test } from 'vitest'
import en from '../../locales/en'
import nl from '../../locales/nl'
import sv from '../../locales/sv'
import { fold } from '../parts/fold'
import { byMoney, byNumber, byText } from './orders'
import { address, currencies, hasMoney, type Row } from './reports'
import { bestRole, index, rank } from './roles'
import { ticks } from './scale'
import { pointsOf, summary } from './trend'

const row = (of: Partial<Row>): Row => ({ charges: 1, ...of })

describe('an address of a report', () => {
  const months = { from: '2026-05', to: '2026-10' }
  test('has what is chosen', () => {
    const found = new URL(
      address({ as: 'partner', months, location: '5127255', groupBy: ['month', 'currency'] }),
      'https://x',
    )
    expect(found.pathname).toBe('/api/v1/reports')
    expect(Object.fromEntries(found.searchParams)).toEqual({
      as: 'partner',
      month: '2026-05..2026-10',
      partner: '5127255',
      group_by: 'month,currency',
    })
  })
  test('of a file has its format; a balance has no columns', () => {
    const found = new URL(address({ as: 'operator', groupBy: 'balance' }, 'csv'), 'https://x')
    expect(Object.fromEntries(found.searchParams)).toEqual({
      as: 'operator',
      balance: 'true',
      format: 'csv',
    })
  })
})

describe('a trend', () => {
  const rows = [
    row({ month: '2026-06', currency: 'EUR', credited_cost: '9189.5336125012' }),
    row({ month: '2026-06', currency: 'USD', credited_cost: '1' }),
    row({ month: '2026-08', currency: 'EUR', credited_cost: '7000.0000000000' }),
  ]
  const months = { from: '2026-05', to: '2026-09' }

  test('has nothing in a month without rows, and what nobody knows is not nothing', () => {
    expect(pointsOf(rows, 'EUR', months, '2026-06', '2026-08')).toEqual([
      { month: '2026-05', amount: null },
      { month: '2026-06', amount: '9189.5336125012' },
      { month: '2026-07', amount: '0' },
      { month: '2026-08', amount: '7000.0000000000' },
      { month: '2026-09', amount: null },
    ])
  })

  const points = (...amounts: (string | null)[]) =>
    amounts.map((amount, at) => ({ month: `2026-0${at + 5}`, amount }))
  const plain = (text: string) => text.replace(/[\u00a0\u202f]/g, ' ')

  test.each([
    ['en', en, 'Credited revenue rose from €20,100.00 in May 2026 to €42,000.01 in July 2026.'],
    [
      'nl',
      nl,
      'De toegekende omzet steeg van € 20.100,00 in mei 2026 naar € 42.000,01 in juli 2026.',
    ],
    [
      'sv',
      sv,
      'Tillgodoräknad intäkt ökade från 20 100,00 € i maj 2026 till 42 000,01 € i juli 2026.',
    ],
  ])('is said in one sentence in %s', (locale, messages, text) => {
    const intl = createIntl({ locale, messages })
    expect(plain(summary(intl, points('20100', '5', '42000.0050000000', null), 'EUR'))).toBe(text)
  })

  test('may fall, stay, be of one month, or of none', () => {
    const intl = createIntl({ locale: 'en', messages: en })
    expect(summary(intl, points('2', '1'), 'EUR')).toContain('fell from €2.00')
    expect(summary(intl, points('2', '2.00'), 'EUR')).toBe(
      'Credited revenue was €2.00 in June 2026, as in May 2026.',
    )
    expect(summary(intl, points(null, '-3.5'), 'EUR')).toBe(
      'Credited revenue was -€3.50 in June 2026.',
    )
    expect(summary(intl, points(null), 'EUR')).toBe('')
  })
})

test('currencies are told apart, and money from none', () => {
  expect(currencies([row({ currency: 'USD' }), row({ currency: 'EUR' })])).toEqual(['EUR', 'USD'])
  expect(hasMoney([row({ credited_cost: '0' })])).toBe(true)
  expect(hasMoney([row({})])).toBe(false)
})

describe('roles', () => {
  const rows = [
    row({ admin_type: 'Reader', pec_eligible: 0 }),
    row({ admin_type: 'Owner', pec_eligible: 1 }),
  ]
  test('the best counts; eligible may be a part', () => {
    expect(bestRole(rows)).toEqual({ role: 'Owner', incentive: 'part', pec: 'part' })
    expect(bestRole(rows.slice(0, 1))).toEqual({ role: 'Reader', incentive: 'none', pec: 'none' })
    expect(bestRole(rows.slice(1))).toEqual({ role: 'Owner', incentive: 'all', pec: 'all' })
    expect(bestRole([])).toEqual({ role: null, incentive: 'none', pec: 'none' })
  })
  test('are in an order', () => {
    const ranks = [[], rows.slice(0, 1), rows].map((some) => rank(bestRole(some)))
    expect(ranks).toEqual([...ranks].sort((one, other) => one - other))
  })
  test('rows are found by a key', () => {
    expect(index(rows, (one) => one.admin_type ?? '').get(fold('Owner'))).toEqual(rows.slice(1))
  })
})

describe('an order', () => {
  test('of amounts never compares two currencies, and is exact', () => {
    const amounts = [
      { amount: '9007199254740993.0000000001', currency: 'EUR' },
      { amount: '1', currency: 'USD' },
      { amount: '9007199254740993.0000000002', currency: 'EUR' },
    ]
    const order = byMoney((one: (typeof amounts)[number]) => one)
    const down = amounts.toSorted((one, other) => order(other, one))
    expect(down.map((one) => one.amount.slice(-1))).toEqual(['2', '1', '1'])
    expect(down.map((one) => one.currency)).toEqual(['EUR', 'EUR', 'USD'])
  })
  test('of names is that of the language; what has none comes last', () => {
    const intl = createIntl({ locale: 'sv' })
    const names = ['Öst', null, 'Zeta', 'Ada']
    expect(names.toSorted(byText(intl, (name: string | null) => name))).toEqual([
      'Ada',
      'Zeta',
      'Öst',
      null,
    ])
  })
  test('of numbers puts the unknown first', () => {
    const numbers = [2, null, -1]
    expect(numbers.toSorted(byNumber((one: number | null) => one))).toEqual([null, -1, 2])
  })
})

test.each([
  [0, 9189, [0, 2500, 5000, 7500, 10000]],
  [0, 0, [0, 1]],
  [-30, 55, [-50, -25, 0, 25, 50, 75]],
  [3, 4, [0, 1, 2, 3, 4]],
])('an axis from %d to %d has round values', (low, high, expected) => {
  expect(ticks(low, high)).toEqual(expected)
})

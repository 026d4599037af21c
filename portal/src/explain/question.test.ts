import { expect, test } from 'vitest'
import { askedOf, jsonAddress } from './choices'
import { matching, subscriptionItems, textIn, valueIn } from './items'
import { monthBefore, monthOf, monthsBack, readerOf, readersOf } from './question'

const roles = { viewer: true, linkAdministrator: false, auditor: false, operator: true }

test('as whom: a role that the person has, else the first', () => {
  expect(readersOf(roles)).toEqual(['operator', 'partner'])
  expect(readerOf({ as: 'partner' }, readersOf(roles))).toBe('partner')
  expect(readerOf({ as: 'customer' }, readersOf(roles))).toBe('operator')
  expect(readersOf({ ...roles, viewer: false, operator: false, linkAdministrator: true })).toEqual(
    [],
  )
})

test('months', () => {
  expect(monthOf('2026-10')).toBe('2026-10')
  expect(monthOf('2026-13')).toBeUndefined()
  expect(monthBefore('2026-11-01T00:00:00Z')).toBe('2026-10')
  const now = new Date('2026-11-21T12:00:00Z')
  expect(monthsBack(now, [])).toHaveLength(12)
  expect(monthsBack(now, []).at(-1)).toBe('2025-12')
  expect(monthsBack(now, ['2025-01', undefined]).at(-1)).toBe('2025-01')
  expect(monthsBack(now, ['2027-02'])[0]).toBe('2027-02')
})

test('what an address asks', () => {
  const id = 'fab00000-5000-4000-8000-000000000001'
  const question = { resource: id, month: '2026-10' }
  const asked = askedOf(question, 'partner')
  expect(asked).toEqual({ resource: `/subscriptions/${id}`, month: '2026-10', as: 'partner' })
  expect(askedOf({ ...question, partner: '5127255' }, 'partner')?.partner).toBe('5127255')
  expect(askedOf({ ...question, resource: 'prod-01' }, 'partner')).toBeNull()
  expect(askedOf({ resource: id }, 'partner')).toBeNull()
  expect(asked && new URL(jsonAddress(asked), 'https://x').searchParams.get('resource')).toBe(
    `/subscriptions/${id}`,
  )
})

test('what there is to choose, and what was typed', () => {
  const of = (subscription: string, name: string | null, customer: string | null) => ({
    subscription,
    name,
    tenantId: '',
    customer,
  })
  const items = subscriptionItems(
    [
      of('1', 'prod', 'Fabrikam'),
      of('2', 'prod', 'Fabrikam'),
      of('3', 'dev', 'Adatum'),
      of('4', null, null),
    ],
    'others',
  )
  expect(items.map((item) => item.text)).toEqual([
    'dev · Adatum',
    'prod · Fabrikam (1)',
    'prod · Fabrikam (2)',
    '4',
  ])
  expect(items.at(-1)?.group).toBe('others')
  expect(valueIn(items, 'prod · Fabrikam (2)')).toBe('/subscriptions/2')
  expect(valueIn(items, ' Dev ')).toBe('/subscriptions/3')
  expect(valueIn(items, '/subscriptions/9')).toBe('/subscriptions/9')
  expect(textIn(items, '/subscriptions/3')).toBe('dev · Adatum')
  expect(matching(items, 'adat').map((item) => item.value)).toEqual(['/subscriptions/3'])
})

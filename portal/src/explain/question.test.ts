import { expect, test } from 'vitest'
import { askedOf, jsonAddress } from './choices'
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

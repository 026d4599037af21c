import { expect, test } from 'vitest'
import type { Check, PartnerPart, Verdict } from '../explain/answer'
import { headlineOf, inOrder } from './headline'

const check = (number: number, verdict: Verdict): Check => ({
  number,
  code: `code-${number}`,
  verdict,
  detail: '',
  fact: null,
})
const partner = { id: '5127255', name: null }
const amount = { partner: '5127255', month: '2026-10', currency: 'EUR', charges: 1, equal: true }
const credited = {
  partner,
  admin_type: 'Owner' as const,
  pec_eligible: true,
  duplicate_in_global: false,
  weight: [1, 1] as [number, number],
  paths: [],
}
const missing = { partner, reason: 'no-access', checks: [], nearest_change: '' }
const part = (of: Partial<PartnerPart>): PartnerPart => ({
  partner,
  credited: null,
  missing: null,
  amounts: [],
  ...of,
})

test('what comes of a partner', () => {
  const checks = [check(20, 'fails'), check(15, 'fails'), check(1, 'passes')]
  expect(headlineOf(part({ missing }), checks)).toMatchObject({
    kind: 'missing',
    reason: 'no-access',
    cause: { number: 15 },
  })
  expect(headlineOf(part({ missing })).cause).toBeUndefined()
  expect(headlineOf(part({ missing, amounts: [amount] }), checks).kind).toBe('below')
  expect(headlineOf(part({ amounts: [amount] })).kind).toBe('below')
  expect(headlineOf(part({ credited, amounts: [amount] })).kind).toBe('credited')
  expect(headlineOf(part({ credited }), [check(2, 'fails')]).kind).toBe('but')
  expect(headlineOf(part({ credited }), [check(2, 'passes')]).kind).toBe('holds')
})

test('all checks are shown, in order; those after the first that fails come after', () => {
  const order = inOrder([check(3, 'fails'), check(2, 'fails'), check(1, 'outside')])
  expect(order.map(({ check, isAfter }) => [check.number, isAfter])).toEqual([
    [1, false],
    [2, false],
    [3, true],
  ])
  expect(inOrder([check(1, 'passes')])[0]?.isAfter).toBe(false)
})

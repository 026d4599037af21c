import { expect, test } from 'vitest'
import type { Cause, Check, PartnerPart, Verdict } from '../explain/answer'
import { headlineOf } from './headline'

const check = (number: number, code: Cause, verdict: Verdict): Check => ({
  number,
  code,
  verdict,
  finding: null,
})
const partner = { id: '5127255', name: null }
const amount = { partner: '5127255', month: '2026-10', currency: 'EUR', charges: 1, equal: true }
const credited = {
  partner,
  admin_type: 'Owner',
  pec_eligible: true,
  duplicate_in_global: false,
  weight: [1, 1] as [number, number],
  paths: [],
}
const missing = { partner, reason: 'no-access' as const, checks: [], commands: [] }
const part = (of: Partial<PartnerPart>): PartnerPart => ({
  partner,
  credited: null,
  missing: null,
  amounts: [],
  ...of,
})

test('what comes of a partner', () => {
  const checks = [
    check(1, 'no-role', 'passes'),
    check(15, 'scope-too-small', 'fails'),
    check(20, 'viewer-limited', 'fails'),
  ]
  expect(headlineOf(part({ missing }), checks)).toMatchObject({
    kind: 'missing',
    reason: 'no-access',
    cause: { number: 15 },
  })
  expect(headlineOf(part({ missing })).cause).toBeUndefined()
  expect(headlineOf(part({ missing, amounts: [amount] }), checks).kind).toBe('below')
  expect(headlineOf(part({ amounts: [amount] })).kind).toBe('below')
  expect(headlineOf(part({ credited, amounts: [amount] })).kind).toBe('credited')
  expect(headlineOf(part({ credited }), [check(2, 'no-usage', 'fails')]).kind).toBe('but')
  expect(headlineOf(part({ credited }), [check(2, 'no-usage', 'passes')]).kind).toBe('holds')
})

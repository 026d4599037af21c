import { expect, test } from 'vitest'
import { bestFirst, byPartner, type Explanation, hours, type Path, type Step } from './answer'

const grant = (role: string, level: string): Step => ({
  step: 'grant',
  holder: { id: 'x', name: null },
  role: { id: role, name: role },
  class: level,
  scope: { path: '/subscriptions/s' },
  conditional: false,
  during: { from: null, to: null },
  rule: 'R14, R16',
})
const path = (role: string, level: string): Path => ({ when: [], steps: [grant(role, level)] })

test('the best way first; equal ones stay in order', () => {
  const ways = [
    path('a', 'Reader'),
    path('b', 'Contributor'),
    path('c', 'Owner'),
    path('d', 'Owner'),
  ]
  const steps = bestFirst(ways).flatMap((one) => one.steps)
  expect(steps.map((one) => one.step === 'grant' && one.role.name)).toEqual(['c', 'd', 'b', 'a'])
})

const answer = (parts: Partial<Explanation>): Explanation => ({
  resource: '/subscriptions/s',
  from: '2026-10-01T00:00:00Z',
  to: '2026-11-01T00:00:00Z',
  policy: ['pal', '2026-11'],
  subscription: { id: 's', name: null },
  customer: null,
  chain: [],
  credited: [],
  not_credited: [],
  outside: [],
  ...parts,
})

const amount = (partner: string, currency = 'EUR') => ({
  partner,
  currency,
  month: '2026-10',
  charges: 1,
  equal: true,
})
const credited = (id: string) => ({
  partner: { id, name: null },
  admin_type: 'Owner',
  pec_eligible: true,
  duplicate_in_global: false,
  weight: [1, 1] as [number, number],
  paths: [],
})
const missing = (id: string) => ({
  partner: { id, name: null },
  reason: 'no-access' as const,
  checks: [],
  commands: [],
})

test('by partner: what is credited comes first, also if it is earned further below', () => {
  const parts = byPartner(
    answer({
      amounts: [amount('2'), amount('3'), amount('3', 'USD')],
      credited: [credited('1'), credited('3')],
      not_credited: [missing('4'), missing('2')],
    }),
  )
  expect(parts.map((part) => part.partner.id)).toEqual(['3', '2', '1', '4'])
  expect(parts[0]?.amounts).toHaveLength(2)
  expect(parts[1]).toMatchObject({ credited: null, missing: { reason: 'no-access' } })
})

test('hours', () => {
  expect(hours(answer({}), [395, 744])).toEqual({ covered: 395, whole: 744 })
})

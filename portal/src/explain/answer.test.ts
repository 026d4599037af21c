import { describe, expect, test } from 'vitest'
import {
  bestFirst,
  byPartner,
  type Explanation,
  hours,
  named,
  period,
  type Step,
  said,
} from './answer'

const step = (text: string): Step => ({ step: 'grant', text, during: 'always', rule: 'R14' })
const ADA = 'ada@contoso.example (fab00000-1000-4000-8000-000000000ada)'
const ada = { id: 'fab00000-1000-4000-8000-000000000ada', name: 'ada@contoso.example' }

describe('what a step says', () => {
  test('a role', () => {
    expect(
      said(step(`${ADA} has the role Contributor (class Contributor) at /subscriptions/s`)),
    ).toEqual({
      kind: 'grant',
      holder: ada,
      role: 'Contributor',
      class: 'Contributor',
      scope: '/subscriptions/s',
      isConditional: false,
      tenant: null,
    })
  })

  test('a role with a condition, delegated, at a scope that is not shown', () => {
    const scope = 'a scope inside subscription s (the customer does not show it)'
    expect(
      said(
        step(
          `g1 has the role My role (unknown) (class Reader) at ${scope} (its condition is not evaluated, R24), delegated to tenant t`,
        ),
      ),
    ).toMatchObject({
      holder: { id: 'g1', name: null },
      role: 'My role (unknown)',
      class: 'Reader',
      scope,
      isConditional: true,
      tenant: 't',
    })
  })

  test('the others', () => {
    expect(said(step(`group Ops (g) has the member ${ADA}`))).toEqual({
      kind: 'membership',
      group: { id: 'g', name: 'Ops' },
      member: ada,
    })
    expect(said(step(`${ADA} is in the group Ops (g), directly or by other groups`))).toMatchObject(
      {
        kind: 'inGroup',
        member: ada,
      },
    )
    expect(said(step(`${ADA} is an enabled User`))).toMatchObject({ who: ada, type: 'User' })
    expect(said(step(`${ADA} is linked to partner 5127255`))).toMatchObject({ partner: '5127255' })
    expect(said(step('partner 5127255 (Contoso (NL)) is active'))).toMatchObject({
      name: 'Contoso (NL)',
    })
    expect(said(step('something new'))).toEqual({ kind: 'other' })
  })

  test('a name with brackets', () => {
    expect(named('Ops (NL) (g)')).toEqual({ id: 'g', name: 'Ops (NL)' })
  })
})

test('when', () => {
  expect(period('always')).toEqual({ from: null, to: null })
  expect(period('since 2026-01-01T00:00:00Z')).toEqual({ from: '2026-01-01T00:00:00Z', to: null })
  expect(period('until 2026-01-01T00:00:00Z')).toEqual({ from: null, to: '2026-01-01T00:00:00Z' })
  expect(period('2026-01-01T00:00:00Z to 2026-02-01T00:00:00Z')?.to).toBe('2026-02-01T00:00:00Z')
  expect(period('2026-01-01T00:00:00Z')?.from).toBe('2026-01-01T00:00:00Z')
  expect(period('never')).toBeNull()
})

const path = (role: string, level: string) => ({
  when: [],
  steps: [step(`x has the role ${role} (class ${level}) at /subscriptions/s`)],
})

test('the best way first; equal ones stay in order', () => {
  const ways = [
    path('a', 'Reader'),
    path('b', 'Contributor'),
    path('c', 'Owner'),
    path('d', 'Owner'),
  ]
  const roles = bestFirst(ways).map((one) => said(one.steps[0] as Step))
  expect(roles.map((one) => one.kind === 'grant' && one.role)).toEqual(['c', 'd', 'b', 'a'])
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
  admin_type: 'Owner' as const,
  pec_eligible: true,
  duplicate_in_global: false,
  weight: [1, 1] as [number, number],
  paths: [],
})
const missing = (id: string) => ({
  partner: { id, name: null },
  reason: 'no-access',
  checks: [],
  nearest_change: '',
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

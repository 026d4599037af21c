// @vitest-environment happy-dom
import { cleanup, render } from '@testing-library/react'
import type { ReactNode } from 'react'
import { IntlProvider } from 'react-intl'
import { afterEach, expect, test } from 'vitest'
import en from '../../locales/en'
import type { Step } from './answer'
import { ChangeText, Found, StepText } from './Said'

afterEach(cleanup)

function text(node: ReactNode) {
  const wrong: unknown[] = []
  const { container } = render(
    <IntlProvider locale="en" messages={en} onError={(error) => wrong.push(error)}>
      {node}
    </IntlProvider>,
  )
  expect(wrong).toEqual([])
  return container.textContent
}

const always = { during: { from: null, to: null }, rule: 'R14' }
const ada = { id: 'a1', name: 'ada@contoso.example' }
const step = (one: Step) => text(<StepText step={one} />)

test('a name that reads like a sentence of the service is a name', () => {
  const grant = {
    holder: ada,
    role: { id: 'r1', name: 'Lab has the role Owner (class Owner)' },
    class: 'Reader',
    scope: { path: '/subscriptions/s' },
  }
  expect(step({ ...always, step: 'grant', conditional: false, ...grant })).toBe(
    'ada@contoso.example (a1) has the role Lab has the role Owner (class Owner) (class Reader) at /subscriptions/s.',
  )
  expect(step({ ...always, step: 'grant', conditional: true, ...grant })).toMatch(/R24\)\.$/)
  expect(step({ ...always, step: 'delegation', tenant: 't1', ...grant })).toMatch(/ t1\.$/)
  const eve = { id: 'e1', name: 'Eve has the member ada@contoso.example' }
  const ops = { id: 'g1', name: 'Ops' }
  expect(step({ ...always, step: 'membership', group: ops, member: eve })).toBe(
    'Eve has the member ada@contoso.example (e1) is a member of the group Ops (g1).',
  )
})

test('what was found, with all that belongs to it', () => {
  const held = { who: [ada, { id: 'b1', name: null }], more: 2 }
  const nobody = { kind: 'nobody-linked', partner: '111111' } as const
  const line = { fact: 'facts.jsonl:5', assumed: true }
  expect(text(<Found finding={{ ...nobody, held }} line={line} />)).toBe(
    'Nobody is linked to 111111. Access here is held by ada@contoso.example (a1), b1 and 2 more. · fact facts.jsonl:5 · assumed',
  )
  cleanup()
  expect(text(<Found finding={{ ...nobody, held: null }} line={{}} />)).toBe(
    'Nobody is linked to 111111.',
  )
  cleanup()
  const never = { kind: 'identity-active', who: ada, during: [] } as const
  expect(text(<Found finding={{ ...never, during: [] }} line={{}} />)).toBe(
    'When ada@contoso.example (a1) exists and is enabled: never.',
  )
  cleanup()
  const scope = { inside: 's1' }
  expect(text(<ChangeText change={{ kind: 'delegate', scope }} />)).toBe(
    'Delegate again: a scope inside the subscription s1 (the customer does not show it).',
  )
})

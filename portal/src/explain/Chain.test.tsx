// @vitest-environment happy-dom
import { FluentProvider, webLightTheme } from '@fluentui/react-components'
import { cleanup, render } from '@testing-library/react'
import { IntlProvider } from 'react-intl'
import { afterEach, expect, test } from 'vitest'
import en from '../../locales/en'
import type { Credited, Explanation, Path } from './answer'
import { Chain } from './Chain'

afterEach(cleanup)

const always = { during: { from: null, to: null }, rule: 'R17' }
const group = { id: 'g1', name: 'Ops' }
const ada = { id: 'a1', name: 'ada@contoso.example' }

function path(leftOut?: number): Path {
  return {
    when: [],
    steps: [
      { ...always, step: 'membership', group, member: ada },
      { ...always, step: 'identity', who: ada, account: 'User' },
    ],
    ...(leftOut && { memberships_left_out: leftOut }),
  }
}

function shown(more: Partial<Credited>, ways: Path[]) {
  const credited: Credited = {
    partner: { id: '5127255', name: 'Contoso' },
    admin_type: 'Owner',
    pec_eligible: true,
    duplicate_in_global: false,
    weight: [1, 1],
    paths: ways,
    ...more,
  }
  const answer: Explanation = {
    resource: '/subscriptions/s',
    from: '2026-10-05T00:00:00Z',
    to: '2026-10-05T00:00:00Z',
    policy: ['pal', '2026-11'],
    subscription: { id: 's', name: null },
    customer: null,
    chain: [],
    amounts: null,
    credited: [credited],
    not_credited: [],
    outside: [],
    checks: null,
  }
  const { container } = render(
    <IntlProvider locale="en" messages={en}>
      <FluentProvider theme={webLightTheme}>
        <Chain
          answer={answer}
          asked={{ resource: answer.resource, month: '2026-10', as: 'operator' }}
          credited={credited}
          amounts={[]}
        />
      </FluentProvider>
    </IntlProvider>,
  )
  return container.textContent
}

test('an answer that was cut says what it leaves out', () => {
  const cut = shown({ paths_left_out: 19_900 }, [path(9_960)])
  expect(cut).toContain('19,900 other ways are not shown.')
  expect(cut).toContain('9,960 groups in the middle are not shown.')
  cleanup()
  expect(shown({}, [path()])).not.toContain('not shown')
})

// @vitest-environment happy-dom
import { cleanup, render } from '@testing-library/react'
import { IntlProvider } from 'react-intl'
import { afterEach, describe, expect, it } from 'vitest'
import en from '../../locales/en'
import nl from '../../locales/nl'
import sv from '../../locales/sv'
import { tokenOf } from '../api/client'
import type { AuditRecord } from './data'
import { ACTIONS, operatorSearch } from './search'
import { Told } from './Told'

const ada = { tenantId: 'fabrikam', objectId: 'ada' }
const names = {
  person: (who: { objectId: string }) => `${who.objectId}@contoso.example`,
  directory: (tenantId: string) => (tenantId === 'fabrikam' ? 'Fabrikam' : tenantId),
}
const record = (action: string, more: Partial<AuditRecord> = {}) =>
  ({ action, actor: ada, target: ada, detail: {}, ...more }) as AuditRecord

function told(of: AuditRecord, messages: Record<string, string> = en) {
  const wrong: unknown[] = []
  const { container } = render(
    <IntlProvider locale="en" messages={messages} onError={(error) => wrong.push(error)}>
      <Told record={of} names={names} />
    </IntlProvider>,
  )
  expect(wrong).toEqual([])
  return container.textContent
}

afterEach(cleanup)

describe('a record in words', () => {
  it.each([
    [
      record('link-update', { detail: { partnerBefore: '1', partner: '2' } }),
      'ada@contoso.example in Fabrikam was changed from 1 to 2 by the account itself.',
    ],
    [
      record('link-create', { actor: null, detail: { partner: '2' } }),
      'ada@contoso.example in Fabrikam was linked to 2, by the operator on the machine itself.',
    ],
    [
      record('report-read', { target: null, detail: { query: 'group_by=a%2Cb' } }),
      'A report with money was read: group_by=a,b. By ada@contoso.example in Fabrikam.',
    ],
    [
      record('privacy-set', { target: null, detail: { tenant: 'fabrikam', level: 'full' } }),
      'What partners see of Fabrikam was set to Everything, by ada@contoso.example in Fabrikam.',
    ],
    [
      record('person-erase', { actor: null, detail: { facts: 1 } }),
      'ada@contoso.example in Fabrikam was erased: names are gone from 1 fact. By the operator on the machine itself.',
    ],
    [record('of-tomorrow'), 'of-tomorrow'],
  ])('%#', (of, text) => expect(told(of)).toBe(text))

  it.each(ACTIONS)('%s can be told in every language', (action) => {
    for (const messages of [en, nl, sv]) expect(told(record(action), messages)).not.toBe('')
  })
})

it('finds where the next page begins', () => {
  expect(tokenOf('https://x.example/api/v1/audit?%24top=2&%24skiptoken=a_b-c')).toBe('a_b-c')
  expect(tokenOf(undefined)).toBeUndefined()
})

it('takes from an address what it knows, and nothing else', () => {
  expect(operatorSearch({ tab: 'audit', action: 'link-create', x: 1 })).toEqual({
    tab: 'audit',
    action: 'link-create',
  })
  expect(operatorSearch({ tab: 'nothing', action: 7 })).toEqual({})
})

// @vitest-environment happy-dom
import { render, screen } from '@testing-library/react'
import { IntlProvider } from 'react-intl'
import { expect, it } from 'vitest'
import texts from '../../locales/en'
import type { OwnDirectory } from '../api/client'
import { ApiError } from '../api/errors'
import { PlanTable } from './PlanTable'
import { planFor } from './plan'

const directory = (tenantName: string, partnerId: string | null, role: 'Owner' | null = 'Owner') =>
  ({
    tenantId: tenantName,
    tenantName,
    domain: null,
    objectId: 'ada',
    name: 'ada@contoso.example',
    link: partnerId ? { partnerId, partnerName: `Partner ${partnerId}`, version: 1 } : null,
    access: { subscriptions: 1, role },
  }) as OwnDirectory

it('says each change by a sign and a word, and why one failed', () => {
  const error = new ApiError(503, 'Busy', 'The store is busy.', null)
  const chosen = [directory('A', null, null), directory('B', '1'), directory('C', '2')]
  render(
    <IntlProvider locale="en" messages={texts}>
      <PlanTable
        steps={planFor('link', chosen, '1')}
        outcomes={{ A: { state: 'failed', why: { kind: 'other', error } } }}
      />
    </IntlProvider>,
  )
  const rows = screen.getAllByRole('row').map((row) => row.textContent)
  expect(rows).toEqual([
    'ChangeDirectoryAccount therePartnerResult',
    '+linkAada@contoso.example1No role reaches this account today; nothing is credited until one ' +
      'is assigned.✖ failedThe store is busy.',
    '=unchangedBada@contoso.example1–',
    '!cannotCada@contoso.example2Linked to Partner 2 already. Use Change selected… to replace ' +
      'it.–',
  ])
  expect(screen.getByText('The store is busy.').getAttribute('lang')).toBe('en')
})

import { describe, expect, it } from 'vitest'
import type { OwnDirectory } from '../api/client'
import { hasNoAccess, type Intent, isChange, planFor, totals } from './plan'

const directory = (partnerId: string | null, role: 'Owner' | null = 'Owner'): OwnDirectory => ({
  tenantId: 'fab00000-0000-4000-8000-000000000000',
  tenantName: 'Fabrikam',
  domain: 'fabrikam.example',
  objectId: 'fab00000-1000-4000-8000-000000000ada',
  name: 'ada@contoso.example',
  how: 'guest',
  link: partnerId
    ? { partnerId, partnerName: null, version: 1, createdTime: '', updatedTime: '' }
    : null,
  access: { subscriptions: role ? 1 : 0, role },
  roles: { viewer: false, linkAdministrator: false, auditor: false, operator: false },
})

describe('a plan', () => {
  it.each<[Intent, string | null, string, string | null, string | undefined]>([
    ['link', null, 'link', '1', undefined],
    ['link', '1', 'unchanged', '1', undefined],
    ['link', '2', 'cannot', '1', 'linkedElsewhere'],
    ['change', null, 'cannot', '1', 'notLinked'],
    ['change', '1', 'unchanged', '1', undefined],
    ['change', '2', 'change', '1', undefined],
    ['remove', null, 'unchanged', null, undefined],
    ['remove', '1', 'remove', null, undefined],
    ['remove', '2', 'remove', null, undefined],
  ])('to %s to 1 where %s is linked: %s', (intent, linked, action, to, reason) => {
    const [step] = planFor(intent, [directory(linked)], '1')
    expect(step).toMatchObject({ action, from: linked, to })
    expect(step?.reason).toBe(reason)
    expect(step && isChange(step)).toBe(action !== 'unchanged' && action !== 'cannot')
  })

  it('counts its lines', () => {
    const steps = planFor('link', [directory(null), directory('1'), directory('2')], '1')
    expect(totals(steps)).toEqual({ link: 1, change: 0, remove: 0, unchanged: 1, cannot: 1 })
  })

  it('warns where a link would earn nothing, and only there', () => {
    const poor = (intent: Intent, linked: string | null, role: 'Owner' | null) =>
      planFor(intent, [directory(linked, role)], '1').some(hasNoAccess)
    expect(poor('link', null, null)).toBe(true)
    expect(poor('change', '2', null)).toBe(true)
    expect(poor('link', null, 'Owner')).toBe(false)
    expect(poor('remove', '2', null)).toBe(false)
    expect(poor('link', '1', null)).toBe(false)
  })
})

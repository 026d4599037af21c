// Pages for those who have a role: what they see and do there, and that others do not.

import type { Page } from 'playwright-core'
import { describe, expect, test } from 'vitest'
import { accessible, clean, profile, signIn } from './browser'
import { ownService } from './own'

const service = ownService()

const FABRIKAM = 'fab00000-0000-4000-8000-000000000000'

async function person(name: string, path: string) {
  const context = await profile({ url: service.demo.url })
  const page = await signIn(context, path, name)
  return { context, page }
}

/** What the API answers the page's person. */
const asked = (page: Page, path: string) =>
  page.evaluate(async (at) => {
    const response = await fetch(`/portal${at}`)
    return { status: response.status, body: await response.json() }
  }, path)

/** Subscriptions of Fabrikam in the report of a partner's viewer. */
async function seen() {
  const { context, page } = await person('bjorn@contoso.example', '/portal/help')
  const columns = 'customer_tenant_id,subscription_id'
  const path = `/api/v1/reports?as=partner&format=json&group_by=${columns}`
  const { body } = await asked(page, path)
  await context.close()
  const rows = body as { customer_tenant_id: string; subscription_id: string | null }[]
  return rows.filter((row) => row.customer_tenant_id === FABRIKAM).map((row) => row.subscription_id)
}

describe('an auditor', () => {
  test('sees who is linked, with what, and no way to change it', async () => {
    const { context, page } = await person('frida@fabrikam.example', '/portal/directory')
    await page.getByRole('heading', { name: 'Partners in Fabrikam', level: 1 }).waitFor()
    const linked = page.getByRole('region', { name: 'Linked accounts' })
    const rows = await linked.getByRole('row').allInnerTexts()
    expect(rows).toHaveLength(6)
    expect(rows.join('\n')).toMatch(/Contoso Services, Utrecht\s+5127255\s+ada@contoso.example/)
    expect(rows.find((row) => row.includes('cem@'))).toContain('The account is disabled or gone')
    await page.getByText('You cannot change a link here. To end one, remove the access').waitFor()
    const credited = page.getByRole('region', { name: 'Credited to partners' })
    await credited.waitFor()
    const { body } = await asked(
      page,
      '/api/v1/reports?as=customer&format=json&group_by=partner_id,currency&month=2026-10',
    )
    const told = await credited.innerText()
    for (const row of body as { partner_id: string; credited_cost: string }[]) {
      const amount = new Intl.NumberFormat('en-GB', { style: 'currency', currency: 'EUR' })
      expect(told).toContain(row.partner_id)
      expect(told).toContain(amount.format(row.credited_cost as Intl.StringNumericLiteral))
    }
    await accessible(page, 'partners here')
    clean(context)
    await context.close()
  })

  test('decides what partners see', async () => {
    expect((await seen()).filter(Boolean).length).toBeGreaterThan(1)
    const { context, page } = await person('frida@fabrikam.example', '/portal/directory')
    await page.getByText('Now: By subscription.').waitFor()
    const change = page.getByRole('button', { name: 'Change what partners see…' })
    await change.click()
    await page.getByText('It is so already: By subscription.').waitFor()
    await page.getByRole('radio', { name: /^One total Partners/ }).check()
    await change.click()
    const question = page.getByRole('dialog', { name: 'Change what partners see?' })
    await question.getByText('Partners see one sum for the whole directory.').waitFor()
    await accessible(page, 'the question about what partners see')
    await question.getByRole('button', { name: 'Change', exact: true }).click()
    await page.getByText('Now: One total.').waitFor()
    expect(await seen()).toEqual([null])
    clean(context)
    await context.close()
  })
})

describe('an operator', () => {
  test('verifies the audit log, and reads in words what was done', async () => {
    const { context, page } = await person('ada@contoso.example', '/portal/operator?tab=audit')
    await page.getByRole('button', { name: 'Verify now' }).click()
    await page.getByText('The log is whole').waitFor()
    await page.getByLabel('What was done').selectOption('link-update')
    await page
      .getByText(/ada@contoso.example in Northwind was changed from 5127255 to 5127256/)
      .waitFor()
    expect(new URL(page.url()).search).toBe('?tab=audit&action=link-update')
    await accessible(page, 'the audit log')
    await page.getByLabel('What was done').selectOption('')
    const records = page.getByRole('region', { name: 'Records' }).getByRole('row')
    await page.getByText('25 shown, there are more.').waitFor()
    await page.getByRole('button', { name: 'Show more' }).click()
    await page.getByText(/^(3|4|5)\d shown/).waitFor()
    expect(await records.count()).toBeGreaterThan(26)
    clean(context)
    await context.close()
  })

  test('sees usage, imports and partners, and nothing to change', async () => {
    const { context, page } = await person('ada@contoso.example', '/portal/operator')
    await page.getByRole('row', { name: /October 2026.*€13,197.85/ }).waitFor()
    await page.getByRole('tab', { name: 'Imports' }).click()
    await page.getByRole('button', { name: 'Copy: part_0_0001.csv' }).first().waitFor()
    await accessible(page, 'imports')
    await page.getByRole('tab', { name: 'Partners' }).click()
    await page.getByRole('row', { name: '5127255 Contoso Services, Utrecht' }).waitFor()
    await accessible(page, 'partners')
    clean(context)
    await context.close()
  })
})

describe('others', () => {
  const ROLES = [
    ['/portal/directory', 'This page is for auditors of', ['/access', '/alerts']],
    ['/portal/operator', 'This page is for operators of', ['/usage', '/audit', '/partners']],
  ] as const

  test.each(ROLES)('are told at %s whose it is, and get nothing', async (path, sentence, calls) => {
    const who = path === '/portal/operator' ? 'frida@fabrikam.example' : 'bram@contoso.example'
    const { context, page } = await person(who, path)
    await page.getByText(sentence).waitFor()
    expect(await page.locator('main table, main button').count()).toBe(0)
    const menu = page.getByRole('navigation', { name: 'Pages' })
    expect(await menu.getByRole('link', { name: 'Operation' }).count()).toBe(0)
    for (const call of calls) expect((await asked(page, `/api/v1${call}`)).status).toBe(404)
    await accessible(page, path)
    clean(context)
    await context.close()
  })
})

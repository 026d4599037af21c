// Every figure can be asked "why?", every absence "why not?": the answers are those of the program.

import { execFileSync } from 'node:child_process'
import { readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import type { Page } from 'playwright-core'
import { describe, expect, test } from 'vitest'
import {
  accessible,
  clean,
  importFacts,
  LANGUAGES,
  type Language,
  profile,
  signIn,
} from './browser'
import { ownService } from './own'

const service = ownService()

const PROD = '/subscriptions/fab00000-5000-4000-8000-000000000001'
const SHARED = '/subscriptions/fab00000-5000-4000-8000-000000000002'
const ERP = '/subscriptions/77ade500-5000-4000-8000-000000000001'
const TAILWIND = '/subscriptions/7a110000-5000-4000-8000-000000000001'
const WINGTIP = '/subscriptions/70150000-5000-4000-8000-000000000001'

/** What the program prints for the files of the demo, or for other facts. */
function pal(command: string, args: string[], facts = join(service.demo.data, 'facts.jsonl')) {
  const usage = join(service.demo.data, 'usage')
  const all = [command, '--facts', facts, '--usage', usage, '--format', 'json', ...args]
  return JSON.parse(execFileSync(service.demo.program, all, { encoding: 'utf8', stdio: 'pipe' }))
}

interface Asked {
  resource: string
  month: string
  partner?: string
  as?: string
}

const address = (page: 'explain' | 'why-not', asked: Asked) =>
  `/portal/${page}?${new URLSearchParams({ ...asked })}`

const texts = (language: Language, area: string): Record<string, string> =>
  JSON.parse(readFileSync(join(import.meta.dirname, `../locales/${language}/${area}.json`), 'utf8'))

/** An amount with all of its digits, without those that say nothing. */
const digits = (text: string) => text.replace(/\D/g, '')
const trimmed = (amount: string) => digits(amount.replace(/0{1,8}$/, ''))

describe('a figure', () => {
  interface Row {
    partner_id: string
    customer_tenant_name: string
    subscription_id: string
    currency: string
    credited_cost: string
  }

  /** The page says the figure, and that it was computed twice. */
  async function equals(page: Page, row: Row, month: string, as: string) {
    const resource = `/subscriptions/${row.subscription_id}`
    await page.goto(address('explain', { resource, month, partner: row.partner_id, as }))
    const style = { style: 'currency', currency: row.currency } as const
    const amount = row.credited_cost as Intl.StringNumericLiteral
    const figure = new Intl.NumberFormat('en-GB', style).format(amount)
    const sentence = page.locator('main h2').first()
    await sentence.waitFor()
    expect(await sentence.innerText()).toContain(`${figure} credited to `)
    expect(await sentence.innerText()).toContain(`(${row.partner_id}), ${row.customer_tenant_name}`)
    const check = page.getByText(/^Check: recomputed/)
    expect(digits(await check.innerText())).toBe(trimmed(row.credited_cost))
    expect(await check.innerText()).toContain('= report')
    expect(await check.locator('svg').count()).toBe(1)
  }

  const columns = 'partner_id,customer_tenant_name,subscription_id,currency'
  const report = (month: string): Row[] => pal('report', ['--month', month, '--group-by', columns])

  test('is that of the report, for every subscription and partner', async () => {
    const context = await profile({ url: service.demo.url })
    const page = await signIn(context, '/portal/help')
    const rows = report('2026-10')
    expect(rows.length).toBeGreaterThanOrEqual(6)
    expect(new Set(rows.map((row) => row.partner_id)).size).toBeGreaterThanOrEqual(3)
    for (const row of rows) await equals(page, row, '2026-10', 'operator')
    clean(context)
    await context.close()
  })

  test('is the same for the partner itself, unless the customer hides it', async () => {
    const context = await profile({ url: service.demo.url })
    const page = await signIn(context, '/portal/help', 'bjorn@contoso.example')
    for (const row of report('2026-08').filter((row) => row.partner_id.startsWith('51272'))) {
      if (row.customer_tenant_name !== 'Northwind') {
        await equals(page, row, '2026-08', 'partner')
        continue
      }
      const resource = `/subscriptions/${row.subscription_id}`
      await page.goto(address('explain', { resource, month: '2026-08', partner: row.partner_id }))
      await page.getByText('Not there, or not yours').waitFor()
    }
    clean(context)
    await context.close()
  })

  test('leads to what it rests on', async () => {
    const context = await profile({ url: service.demo.url })
    await context.grantPermissions(['clipboard-read', 'clipboard-write'])
    const asked = { resource: PROD, month: '2026-10', partner: '5127255', as: 'operator' }
    const page = await signIn(context, address('explain', asked))
    for (const line of ['Usage', 'Covered by', 'Held by', 'Linked', 'Counted']) {
      await page.locator('summary', { hasText: line }).first().focus()
      await page.keyboard.press('Enter')
    }
    await page.getByText('Contoso Ops').first().waitFor()
    await page.getByText('rule R14, R16').first().waitFor()
    await page
      .getByText(/^register:\d+$/)
      .first()
      .waitFor()
    await accessible(page, 'explained')

    await page.getByRole('button', { name: 'Copy as text' }).click()
    await page.getByText('The explanation is copied as text.').first().waitFor()
    expect(await page.evaluate(() => navigator.clipboard.readText())).toContain('5127255')
    const download = page.waitForEvent('download')
    await page.getByRole('link', { name: 'Download JSON' }).click()
    const answer = JSON.parse(readFileSync(await (await download).path(), 'utf8'))
    const printed = pal('explain', [
      '--month',
      '2026-10',
      '--partner',
      '5127255',
      '--resource',
      PROD,
    ])
    expect(answer.amounts).toEqual(printed.amounts)

    await page.getByRole('link', { name: 'rg-app', exact: true }).click()
    await page.getByText('€2,532.26 credited to Contoso Services, Utrecht').waitFor()
    clean(context)
    await context.close()
  })

  test('that is earned further below says so', async () => {
    const context = await profile({ url: service.demo.url })
    const asked = { resource: PROD, month: '2026-10', partner: '6203118', as: 'operator' }
    const page = await signIn(context, address('explain', asked))
    await page.getByText('No role reaches this scope itself.').waitFor()
    await page.getByRole('link', { name: 'rg-net' }).waitFor()
    await accessible(page, 'below')
    await context.close()
  })
})

describe('a cause', () => {
  const CASES: [number, Asked][] = [
    [1, { resource: TAILWIND, month: '2026-10', partner: '5127255' }],
    [2, { resource: PROD, month: '2026-11', partner: '5127255' }],
    [5, { resource: ERP, month: '2026-10', partner: '6203118' }],
    [6, { resource: SHARED, month: '2026-07', partner: '5127256' }],
    [8, { resource: SHARED, month: '2026-10', partner: '5127255' }],
    [11, { resource: WINGTIP, month: '2026-10', partner: '5127256' }],
    [13, { resource: WINGTIP, month: '2026-05', partner: '5127255' }],
    [15, { resource: SHARED, month: '2026-10', partner: '6203118' }],
    [19, { resource: ERP, month: '2026-09', partner: '5127255' }],
    [22, { resource: WINGTIP, month: '2026-07', partner: '5127256' }],
  ]

  interface Check {
    number: number
    code: string
    verdict: string
  }

  /** The page shows the checks of the program, and puts the first that fails on top. */
  async function shows(page: Page, asked: Asked, language: Language, facts?: string) {
    const { resource, month, partner = '' } = asked
    const options = ['--month', month, '--partner', partner, '--resource', resource]
    const checks: Check[] = pal('explain', options, facts).checks
    const first = checks.find((check) => check.verdict === 'fails')
    await page.goto(address('why-not', { ...asked, as: 'operator' }))
    await page.locator('main li[data-code]').first().waitFor()
    const shown = await page
      .locator('main li[data-code]')
      .evaluateAll((items) => items.map((item) => ({ ...(item as HTMLElement).dataset })))
    expect(shown.map((one) => [one.code, one.verdict])).toEqual(
      checks.map((check) => [check.code, check.verdict]),
    )
    const title = texts(language, 'whynot')[`whynot.cause.${first?.code}.title`] ?? 'missing'
    expect(await page.locator('main section').first().innerText()).toContain(title)
    expect(await page.locator('main details[open] summary').first().innerText()).toContain(title)
    return first?.number
  }

  test.each(LANGUAGES)('is found, and named in %s', async (language) => {
    const context = await profile({ url: service.demo.url, language })
    const page = await signIn(context, '/portal/help')
    for (const [number, asked] of CASES) {
      expect(await shows(page, asked, language), JSON.stringify(asked)).toBe(number)
    }
    // What cannot be seen in facts is said to be so.
    const early = page.locator('main li[data-code="too-early"]')
    expect(await early.getAttribute('data-verdict')).toBe('outside')
    await accessible(page, language)
    clean(context)
    await context.close()
  })

  test('is found in facts that came later: a role that must be activated first', async () => {
    const context = await profile({ url: service.demo.url })
    const page = await signIn(context, '/portal/help')
    const fact = {
      kind: 'roleAssignment',
      tenant: '7a110000-0000-4000-8000-000000000000',
      id: '7a110000-a551-4000-8000-00000000e119',
      principal: '7a110000-1000-4000-8000-000000000ada',
      role: 'b24988ac-6180-42a0-ab88-20f7382dd24c',
      scope: TAILWIND,
      eligible: true,
      from: '2026-06-01T00:00:00Z',
    }
    await importFacts(page, [fact])
    const facts = await page.evaluate(async () => (await fetch('/portal/api/v1/facts')).text())
    const path = join(service.demo.data, 'exported.jsonl')
    writeFileSync(path, facts)
    const asked = { resource: TAILWIND, month: '2026-10', partner: '5127255' }
    expect(await shows(page, asked, 'en', path)).toBe(10)
    await context.close()
  })
})

describe('asking', () => {
  const PASTED = `https://portal.azure.com/#@fabrikam.example/resource${PROD}/overview`

  test('by keyboard, with an address of the Azure portal', async () => {
    const context = await profile({ url: service.demo.url, width: 320, height: 640 })
    const page = await signIn(context, '/portal/why-not', 'bjorn@contoso.example')
    const field = page.getByRole('combobox', { name: 'Subscription, resource group or resource' })
    await field.focus()
    await page.keyboard.press('Escape')
    await page.keyboard.type('prod-99')
    await page.keyboard.press('Enter')
    await page.getByText('This has no subscription ID in it.').waitFor()
    await page.waitForFunction(() => document.activeElement?.getAttribute('role') === 'combobox')
    await accessible(page, 'refused')
    await field.fill(PASTED)
    await page.keyboard.press('Enter')
    await page.waitForURL((url) => url.searchParams.get('resource') === PROD)
    await page.getByText('It is credited: €6,270.12').waitFor()
    await page.getByRole('heading', { name: /^Credited further below/ }).waitFor()
    const wide = await page.evaluate(() => document.documentElement.scrollWidth - window.innerWidth)
    expect(wide).toBeLessThanOrEqual(0)
    await accessible(page, 'in short')
    clean(context)
    await context.close()
  })

  test('by choosing', async () => {
    const context = await profile({ url: service.demo.url })
    const page = await signIn(context, '/portal/explain')
    await page.getByRole('combobox', { name: 'Subscription, resource group or resource' }).click()
    await page.getByRole('option', { name: 'wingtip-ops' }).click()
    await page.getByLabel('Month (UTC)').selectOption('2026-09')
    await page.getByRole('button', { name: 'Explain' }).click()
    await page.waitForURL((url) => url.searchParams.get('month') === '2026-09')
    await page.getByText(/credited to Adatum Consulting/).waitFor()
    clean(context)
    await context.close()
  })

  test('without a role: it says which one is needed, and where the person has one', async () => {
    const context = await profile({ url: service.demo.url })
    const page = await signIn(context, '/portal/explain')
    await page.locator('#directory-button').click()
    await page.getByRole('button', { name: 'Switch to Fabrikam' }).click()
    await page.getByText('explanations are for viewers of a partner').waitFor()
    await accessible(page, 'no role')
    await page.locator('main').getByRole('button', { name: 'Switch to Contoso' }).click()
    await page.getByRole('combobox', { name: 'Subscription, resource group or resource' }).waitFor()
    clean(context)
    await context.close()
  })

  test('about what is not there, or not one’s own', async () => {
    const context = await profile({ url: service.demo.url })
    const asked = { resource: TAILWIND, month: '2026-10' }
    const page = await signIn(context, address('why-not', asked), 'ivo@adatum.example')
    await page.getByText('You ask as ivo@adatum.example in the directory Adatum.').waitFor()
    await accessible(page, 'not there')
    clean(context)
    await context.close()
  })
})

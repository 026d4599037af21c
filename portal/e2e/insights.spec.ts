// Insights: each number on the screen is that of `pal report`, in each language's own digits.

import { execFileSync } from 'node:child_process'
import { readFileSync } from 'node:fs'
import type { Page } from 'playwright-core'
import { afterAll, describe, expect, inject, test } from 'vitest'
import en from '../locales/en/insights.json'
import nl from '../locales/nl/insights.json'
import sv from '../locales/sv/insights.json'
import { browser, clean, LANGUAGES, type Language, profile, signIn } from './browser'

const TEXTS = { en, nl, sv }
const LOCALES = { en: 'en-GB', nl: 'nl-NL', sv: 'sv-SE' }
const CONTOSO = '5127254'
/** A customer that shows its partners no subscriptions. */
const HIDES = 'Northwind'

afterAll(() => browser.close())

/** What `pal report` says of the service's own data. */
function pal(...args: string[]): Buffer {
  const { program, data } = inject('demo')
  return execFileSync(program, ['report', '--data-dir', data, ...args], {
    stdio: ['ignore', 'pipe', 'ignore'],
    maxBuffer: 1 << 26,
  })
}

type Row = Record<string, string | number | null>

/**
 * Rows of Contoso, or of one of its locations. The service counts a charge once for Contoso and for
 * each location that is asked for; the command has a column for what counts elsewhere.
 */
function rows(months: string, columns: string[], location?: string): Row[] {
  const who = location ? ['partner_id'] : ['partner_global_id', 'duplicate_in_global']
  const by = [...columns, ...who].join()
  const found = JSON.parse(
    pal('--month', months, '--group-by', by, '--format', 'json').toString(),
  ) as Row[]
  return found.filter((row) =>
    location
      ? row.partner_id === location
      : row.partner_global_id === CONTOSO && row.duplicate_in_global === 0,
  )
}

/** Amounts as the browser of the reader writes them. */
const written = (page: Page, language: Language, amounts: Row[]) =>
  page.evaluate(
    ([locale, all]) =>
      all.map(({ credited_cost, currency }) =>
        new Intl.NumberFormat(locale, {
          style: 'currency',
          currency: String(currency),
          minimumFractionDigits: 2,
          maximumFractionDigits: 2,
        }).format(String(credited_cost) as Intl.StringNumericLiteral),
      ),
    [LOCALES[language], amounts] as const,
  )

async function show(page: Page, query: string) {
  await page.goto(`/portal/insights?${query}`)
  await page.getByRole('tabpanel').waitFor()
  await page.waitForLoadState('networkidle')
  await page.locator('[role=progressbar]').first().waitFor({ state: 'detached' })
}

/** The cells of the only table of the tab. */
const cells = (page: Page) =>
  page
    .getByRole('tabpanel')
    .locator('tbody tr')
    .evaluateAll((all) =>
      all.map((row) => [...row.querySelectorAll('th, td')].map((cell) => cell.textContent ?? '')),
    )

const PERIODS = [
  { query: '', months: '2026-05..2026-10' },
  { query: 'period=2026-07', months: '2026-07' },
  { query: 'period=2026-08..2026-09', months: '2026-08..2026-09' },
  { query: 'location=5127256', months: '2026-05..2026-10', location: '5127256' },
]

describe.each(LANGUAGES)('in %s', (language) => {
  test('the figures are those of pal report', { timeout: 300_000 }, async () => {
    const context = await profile({ language })
    const page = await signIn(context, '/portal/insights')
    for (const { query, months, location } of PERIODS) {
      await show(page, query)
      await totals(page, language, months, location)
      await trend(page, language, months, location)
      await show(page, `tab=customers&${query}`)
      await customers(page, language, months, location)
      await show(page, `tab=subscriptions&${query}`)
      await subscriptions(page, language, months, location)
    }
    clean(context)
    await context.close()
  })
})

async function totals(page: Page, language: Language, months: string, location?: string) {
  const expected = rows(months, ['currency'], location)
  const shown = await page
    .locator('[data-currency]')
    .evaluateAll((all) =>
      all.map((card) => [
        card.getAttribute('data-currency'),
        card.querySelector('dd')?.textContent ?? '',
      ]),
    )
  const amounts = await written(page, language, expected)
  expect(shown).toEqual(expected.map((row, at) => [row.currency, amounts[at]]))
}

async function trend(page: Page, language: Language, months: string, location?: string) {
  const all = rows(months, ['month', 'currency'], location)
  for (const currency of new Set(all.map((row) => String(row.currency)))) {
    const name = TEXTS[language]['insights.trend'].replace('{currency}', currency)
    const chart = page.getByRole('figure', { name, exact: true })
    await chart.getByRole('button', { name: TEXTS[language]['insights.asTable'] }).click()
    const known = all.filter((row) => row.currency === currency)
    const shown = await chart.locator('tbody td').allTextContents()
    const amounts = await written(page, language, known)
    const nothing = await written(page, language, [{ credited_cost: '0', currency }])
    expect(shown.filter((text) => text !== nothing[0])).toEqual(amounts)
  }
}

async function customers(page: Page, language: Language, months: string, location?: string) {
  const expected = rows(months, ['customer_tenant_name', 'currency'], location)
  const amounts = await written(page, language, expected)
  const shown = await cells(page)
  expect(shown.map((row) => [row[0], row[5]]).sort()).toEqual(
    expected.map((row, at) => [row.customer_tenant_name, amounts[at]]).sort(),
  )
  const roles = rows(months, ['customer_tenant_name', 'admin_type'], location)
  for (const row of shown) {
    const own = roles.filter((one) => one.customer_tenant_name === row[0])
    const best = ['Owner', 'Contributor', 'Reader'].find((role) =>
      own.some((one) => one.admin_type === role),
    )
    expect(row[1]).toBe(best)
  }
}

async function subscriptions(page: Page, language: Language, months: string, location?: string) {
  const by = ['subscription_name', 'customer_tenant_name', 'currency']
  const open = rows(months, by, location).filter((row) => row.customer_tenant_name !== HIDES)
  const hidden = rows(months, by.slice(1), location).filter(
    (row) => row.customer_tenant_name === HIDES,
  )
  const expected = [...open, ...hidden]
  const amounts = await written(page, language, expected)
  const nameless = TEXTS[language]['insights.hidden'].replace('{customer}', HIDES)
  const shown = (await cells(page)).map((row) => [row[0], row[1], row[6]])
  expect(shown.sort()).toEqual(
    expected
      .map((row, at) => [row.subscription_name ?? nameless, row.customer_tenant_name, amounts[at]])
      .sort(),
  )
}

/** Saves what an entry of the menu Download leads to. */
async function download(page: Page, at: number) {
  await page.getByRole('button', { name: en['insights.download'] }).click()
  const [file] = await Promise.all([
    page.waitForEvent('download'),
    page.getByRole('menuitem').nth(at).click(),
  ])
  const path = await file.path()
  return { name: file.suggestedFilename(), bytes: readFileSync(path) }
}

test('a download is what pal report writes', async () => {
  const context = await profile()
  const page = await signIn(context, '/portal/insights')
  // In this month nothing is credited to two locations, so that both count alike.
  const month = ['--month', '2026-05']
  await show(page, 'as=operator&period=2026-05&tab=customers')
  const by = ['--group-by', 'customer_tenant_id,customer_tenant_name,currency']
  for (const [at, format] of (['csv', 'parquet', 'json'] as const).entries()) {
    const { name, bytes } = await download(page, at)
    expect(name).toBe(`customers-2026-05.${format}`)
    expect(bytes.equals(pal(...month, ...by, '--format', format)), format).toBe(true)
  }
  await show(page, 'as=operator&tab=missing')
  const { name, bytes } = await download(page, 0)
  expect(name).toBe('balance-2026-05-2026-10.csv')
  expect(bytes.toString()).toBe(pal('--balance', '--month', '2026-05..2026-10').toString())
  await context.close()
})

test('what is credited to nobody is that of the balance', async () => {
  const context = await profile()
  const page = await signIn(context, '/portal/insights')
  await show(page, 'as=operator&tab=missing&period=2026-10')
  const balance = JSON.parse(
    pal('--balance', '--month', '2026-10', '--format', 'json').toString(),
  ) as Row[]
  for (const line of ['uncredited', 'excluded'] as const) {
    const expected = balance.filter((row) => row.line === line)
    const amounts = await written(
      page,
      'en',
      expected.map(({ amount, currency }) => ({ credited_cost: amount ?? null, currency })),
    )
    const name = en[`insights.balance.${line}`]
    const table = page.getByRole('region', { name, exact: true })
    expect((await table.locator('tbody td:last-child').allTextContents()).sort()).toEqual(
      amounts.sort(),
    )
    const reasons = await table.locator('tbody td:nth-child(2)').allTextContents()
    const named = expected.map(
      (row) => (en as Record<string, string>)[`insights.reason.${row.reason}`],
    )
    expect(reasons.sort()).toEqual(named.sort())
  }
  await context.close()
})

test('a viewer without money sees none', async () => {
  const context = await profile()
  const page = await signIn(context, '/portal/insights', 'bram@contoso.example')
  // Each answer is read before the page gets it: Chromium forgets the body of an answer once the
  // page has moved on.
  const answers: string[] = []
  await page.route(/\/api\/v1\/reports/, async (route) => {
    const response = await route.fetch()
    answers.push(await response.text())
    await route.fulfill({ response })
  })
  for (const tab of ['overview', 'customers', 'subscriptions', 'usage', 'missing']) {
    await show(page, `tab=${tab}`)
    expect(await page.locator('main').textContent(), tab).not.toMatch(/[€$]|\d\.\d\d\b/)
    if (tab !== 'missing') await page.getByText(en['insights.locked']).waitFor()
  }
  await page.unrouteAll({ behavior: 'wait' })
  expect(answers.length).toBeGreaterThan(4)
  for (const answer of answers) expect(answer).not.toContain('cost')
  await context.close()
})

test('filters are in the address, survive a reload, and go by one button', async () => {
  const context = await profile()
  const page = await signIn(context, '/portal/insights')
  const field = (id: keyof typeof en) => page.getByLabel(en[id], { exact: true })
  await field('insights.period').selectOption('range')
  await field('insights.from').selectOption('2026-07')
  await field('insights.to').selectOption('2026-08')
  await field('insights.location').selectOption('5127255')
  await field('insights.customer').selectOption({ label: 'Fabrikam' })
  await page.getByRole('tab', { name: en['insights.tab.customers'] }).click()
  await page.waitForURL(/tab=customers/)
  const address = new URL(page.url())
  expect(Object.fromEntries(address.searchParams)).toMatchObject({
    period: '2026-07..2026-08',
    location: '5127255',
    tab: 'customers',
  })
  await page.reload()
  await page.locator('tbody tr').first().waitFor()
  expect(await field('insights.from').inputValue()).toBe('2026-07')
  expect(await field('insights.to').inputValue()).toBe('2026-08')
  expect(await field('insights.location').inputValue()).toBe('5127255')
  const columns = ['customer_tenant_name', 'currency']
  const expected = rows('2026-07..2026-08', columns, '5127255').filter(
    (row) => row.customer_tenant_name === 'Fabrikam',
  )
  const amounts = await written(page, 'en', expected)
  expect((await cells(page)).map((row) => [row[0], row[5]])).toEqual([['Fabrikam', amounts[0]]])

  await page.getByRole('button', { name: en['insights.reset'] }).click()
  await page.waitForURL((url) => url.search === '?tab=customers')
  await page.locator('tbody tr').nth(1).waitFor()
  clean(context)
  await context.close()
})

test('rubbish in the address is as if it were not there', async () => {
  const context = await profile()
  const page = await signIn(context, '/portal/insights')
  await show(page, 'tab=x&period=99m&location=%3Cb%3E&customer=1&as=root&groups=%5B%5D')
  expect(await page.getByRole('tab', { selected: true }).textContent()).toBe(
    en['insights.tab.overview'],
  )
  await totals(page, 'en', '2026-05..2026-10')
  clean(context)
  await context.close()
})

test('the points of a line are reached by keyboard', async () => {
  const context = await profile()
  const page = await signIn(context, '/portal/insights')
  await show(page, '')
  const chart = page.locator('svg[role=group]').first()
  const points = chart.locator('[role=img]')
  expect(await points.count()).toBe(6)
  await points.last().focus()
  for (const key of ['ArrowLeft', 'Home', 'ArrowRight']) await page.keyboard.press(key)
  const label = await page.evaluate(() => document.activeElement?.getAttribute('aria-label'))
  expect(label).toMatch(/^June 2026: €/)
  await context.close()
})

test('who may not look is told who may, and where else', async () => {
  const context = await profile()
  const page = await signIn(context, '/portal/insights')
  await page.locator('#directory-button').click()
  await page.locator('[role=dialog] li:has-text("Fabrikam") > button:last-of-type').click()
  await page.getByRole('button', { name: 'Switch to Contoso' }).click()
  await page.locator('[data-currency]').first().waitFor()
  clean(context)
  await context.close()
})

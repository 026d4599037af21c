// All links of a person at once: the plan, what is applied of it, and what is left.

import { readFileSync } from 'node:fs'
import type { Page } from 'playwright-core'
import { describe, expect, test } from 'vitest'
import { accessible, clean, profile, signIn } from './browser'
import { ownService } from './own'

const service = ownService()

const PROSEWARE = '940e0000-0000-4000-8000-000000000000'

async function begin() {
  const context = await profile({ url: service.demo.url })
  const page = await signIn(context, '/portal/links')
  await page.getByRole('checkbox', { name: 'Select Fabrikam' }).waitFor()
  return { context, page }
}

async function choose(page: Page, wanted: 'Link' | 'Change' | 'Remove', directories: string[]) {
  for (const name of directories) {
    await page.getByRole('checkbox', { name: `Select ${name}` }).check()
  }
  await page.getByRole('button', { name: `${wanted} selected…` }).click()
}

async function plan(page: Page, partnerId: string) {
  await page.getByLabel('Microsoft partner ID').fill(partnerId)
  await page.getByRole('button', { name: 'Show the plan' }).click()
  await page.getByRole('heading', { name: 'Plan', exact: true }).waitFor()
}

const row = (page: Page, directory: string) =>
  page.getByRole('row').filter({ has: page.getByRole('rowheader', { name: directory }) })

async function saved(page: Page, button: string) {
  const [download] = await Promise.all([
    page.waitForEvent('download'),
    page.getByRole('button', { name: button }).click(),
  ])
  return readFileSync(await download.path(), 'utf8')
}

/** Removes a link as the same person elsewhere would. */
async function removeElsewhere(directory: string, partnerId: string) {
  const context = await profile({ url: service.demo.url })
  const page = await signIn(context, '/portal/help')
  const status = await page.evaluate(
    async ([tenant, partner]) => {
      const { csrf } = await (await fetch('/portal/session')).json()
      const path = `/portal/arm/providers/microsoft.managementpartner/partners/${partner}`
      const headers = { 'x-openpal-csrf': csrf, 'x-openpal-directory': tenant }
      const asked = { method: 'DELETE', headers }
      return (await fetch(`${path}?api-version=2018-02-01`, asked)).status
    },
    [directory, partnerId] as [string, string],
  )
  expect(status).toBe(200)
  await context.close()
}

describe('my links', () => {
  test('shows every directory; searched, filtered, sorted', async () => {
    const { context, page } = await begin()
    const names = () => page.getByRole('rowheader').locator('[lang=""]').allInnerTexts()
    expect(await names()).toEqual([
      'Contoso',
      'Fabrikam',
      'Northwind',
      'Proseware',
      'Tailwind',
      'Woodgrove',
    ])
    await row(page, 'Fabrikam').getByText('Oct 2026').waitFor()
    expect(await row(page, 'Fabrikam').innerText()).toMatch(/5127255.*Contributor.*Oct 2026/s)
    expect(await row(page, 'Tailwind').innerText()).toMatch(/guest.*5127255.*No/s)
    await page.getByRole('checkbox', { name: 'Not linked only' }).check()
    expect(await names()).toEqual(['Proseware', 'Woodgrove'])
    await page.getByLabel('Search directory, account or partner').fill('wood')
    expect(await names()).toEqual(['Woodgrove'])
    await page.getByText('1 of 6 directories').waitFor()
    await page.getByLabel('Search directory, account or partner').fill('')
    await page.getByRole('button', { name: 'Directory', exact: true }).click()
    expect(await names()).toEqual(['Woodgrove', 'Proseware'])
    expect(await page.locator('th[aria-sort]').getAttribute('aria-sort')).toBe('descending')
    await page.getByRole('button', { name: 'Link selected…' }).click()
    await page.getByText('Select at least one directory in the table first.').waitFor()
    await accessible(page, 'my links, nothing selected')
    clean(context)
    await context.close()
  })

  test('links many by a plan; a second run has nothing to do', async () => {
    const { context, page } = await begin()
    await choose(page, 'Link', ['Fabrikam', 'Northwind', 'Proseware', 'Woodgrove'])
    expect(await page.locator('h2:focus').innerText()).toBe('Link 4 directories')
    await plan(page, '5127255')
    expect(await row(page, 'Fabrikam').innerText()).toMatch(/^=\s+unchanged/)
    expect(await row(page, 'Northwind').innerText()).toMatch(/^!\s+cannot.*Linked to/s)
    expect(await row(page, 'Proseware').innerText()).toMatch(/^\+\s+link/)
    expect(await row(page, 'Woodgrove').innerText()).toContain('No role reaches this account today')
    await page.getByText('In 1 directory no role reaches your account today.').waitFor()
    expect(await saved(page, 'Download as YAML')).toBe(
      'version: 1\npartner: 5127255\nlinks:\n  - directory: fabrikam.example\n' +
        '  - directory: proseware.example\n  - directory: woodgrove.example\n',
    )
    await accessible(page, 'a plan')
    await page.getByRole('button', { name: 'Apply 2 changes' }).click()
    await page.getByText('2 changes made.').first().waitFor()
    await accessible(page, 'an applied plan')
    const csv = await saved(page, 'Download as CSV')
    expect(csv.split('\n')).toHaveLength(6)
    expect(csv).toContain(
      `Proseware,proseware.example,${PROSEWARE},ada@contoso.example,link,,5127255,done,\n`,
    )
    await page.getByRole('button', { name: 'Show what is left' }).click()
    await page.getByText('Nothing can be done like this.').waitFor()
    await page.getByRole('button', { name: 'Back to my links' }).click()
    expect(await row(page, 'Woodgrove').innerText()).toContain('5127255')

    await choose(page, 'Link', ['Fabrikam', 'Proseware', 'Woodgrove'])
    await plan(page, '5127255')
    await page.getByText('Nothing to do: everything is as you want it.').waitFor()
    expect(await page.getByRole('button', { name: /^Apply/ }).count()).toBe(0)
    clean(context)
    await context.close()
  })

  test('what changed meanwhile is told and left alone, and the rest is done', async () => {
    const { context, page } = await begin()
    await choose(page, 'Change', ['Fabrikam', 'Proseware', 'Woodgrove'])
    await plan(page, '5127256')
    await removeElsewhere(PROSEWARE, '5127255')
    await page.getByRole('button', { name: 'Apply 3 changes' }).click()
    await page.getByText('2 changes made, 1 failed.').first().waitFor()
    expect(await row(page, 'Proseware').innerText()).toContain(
      'Somebody was here since the plan was made: now not linked. Nothing was changed.',
    )
    await page.getByRole('button', { name: 'Show what is left' }).click()
    await page.getByText('Nothing is linked here. Use Link selected… instead.').waitFor()
    expect(await row(page, 'Fabrikam').innerText()).toMatch(/^=\s+unchanged/)
    clean(context)
    await context.close()
  })

  test('can be stopped; the next run does what is left', async () => {
    const { context, page } = await begin()
    await choose(page, 'Remove', ['Contoso', 'Fabrikam', 'Woodgrove'])
    await page.route('**/portal/arm/**', async (route) => {
      await new Promise((resolve) => setTimeout(resolve, 1000))
      await route.continue()
    })
    await page.getByRole('button', { name: 'Apply 3 changes' }).click()
    await page.getByRole('button', { name: 'Stop', exact: true }).click()
    await page.getByText('1 change made, 2 not tried.').first().waitFor()
    await page.unrouteAll({ behavior: 'wait' })
    await page.getByRole('button', { name: 'Show what is left' }).click()
    await page.getByRole('button', { name: 'Apply 2 changes' }).click()
    await page.getByText('2 changes made.').first().waitFor()
    await page.getByRole('button', { name: 'Show what is left' }).click()
    await page.getByText('Nothing to do: everything is as you want it.').waitFor()
    clean(context)
    await context.close()
  })

  test('the button of a row goes to the link page there', async () => {
    const { context, page } = await begin()
    await page.getByRole('button', { name: 'Switch to Northwind' }).click()
    await page.getByRole('heading', { name: 'Link to a partner ID', level: 1 }).waitFor()
    await page.getByRole('banner').getByText('Directory: Northwind').waitFor()
    clean(context)
    await context.close()
  })
})

// What somebody does who has never seen the portal: sign in, link, switch directory, link again, see
// what is credited, ask why, ask why not. Once with the mouse, once by keyboard alone.

import { describe, test } from 'vitest'
import { accessible, clean, profile, signIn } from './browser'
import { ownService } from './own'

const service = ownService()

describe('the story', () => {
  test('from sign-in to the reason', async () => {
    const context = await profile({ url: service.demo.url })
    const page = await signIn(context, '/#blade/Microsoft_Azure_Billing/managementpartnerblade')
    await page.waitForURL('**/portal/link')
    const header = page.getByRole('banner')
    await header.getByText('ada@contoso.example').waitFor()
    await header.getByText('Directory: Contoso').waitFor()

    await page.getByRole('button', { name: 'Directory: Contoso' }).click()
    await page.getByRole('searchbox', { name: 'Search directories' }).fill('prose')
    await page.getByRole('button', { name: 'Switch to Proseware' }).click()
    await header.getByText('Directory: Proseware').waitFor()
    await page.locator('h1:focus').waitFor()

    await page.getByLabel('Microsoft partner ID').fill(' 5 127 255 ')
    await page.getByText('Contoso Services, Utrecht (location)').waitFor()
    await page.getByText('is credited to Contoso Services, Utrecht from now on').waitFor()
    await page.getByRole('button', { name: 'Preview what would be credited' }).click()
    await page.getByRole('cell', { name: /proseware-app/ }).waitFor()
    await page.getByRole('button', { name: 'Link a partner ID' }).click()
    const done = page.getByText(
      'Partner ID linked: Contoso Services, Utrecht (5127255) is linked to ada@contoso.example in Proseware. Version 1.',
    )
    await done.first().waitFor()
    await accessible(page, 'linked')

    await page.getByRole('button', { name: 'Switch directory' }).click()
    await page.getByRole('button', { name: 'Switch to Woodgrove' }).click()
    await header.getByText('Directory: Woodgrove').waitFor()
    await page
      .getByRole('button', { name: /Same as in .*: 5127255/ })
      .first()
      .click()
    await page.getByText('Contoso Services, Utrecht (location)').waitFor()
    await page.getByRole('button', { name: 'Link a partner ID' }).click()
    await page.getByText('No role in this directory reaches this account today.').waitFor()

    await page.getByRole('button', { name: 'Switch directory' }).click()
    await page.getByRole('button', { name: 'Switch to Contoso' }).click()
    await header.getByText('Directory: Contoso').waitFor()
    await page.getByRole('link', { name: 'Insights' }).click()
    await page.getByRole('heading', { level: 1, name: 'Insights' }).waitFor()
    await page.getByRole('tab', { name: 'Subscriptions' }).click()
    const row = page.getByRole('row').filter({ hasText: 'prod-01' }).first()
    await row.getByRole('link', { name: /Why/ }).waitFor()
    // In one month, of one location, a number is a link to its reason, and the reason has the same number.
    await page.goto('/portal/insights?tab=subscriptions&period=2026-10&location=5127255')
    const number = row.getByRole('link', { name: /€/ })
    const amount = await number.innerText()
    await number.click()
    await page.waitForURL('**/portal/explain?**')
    await page.getByText(`${amount} credited to Contoso Services, Utrecht`).first().waitFor()

    await page.getByRole('link', { name: 'Why not?' }).first().click()
    await page.getByRole('heading', { level: 1, name: 'Why not?' }).waitFor()
    clean(context)
    await context.close()
  })
})

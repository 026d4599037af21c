// The link page in all its states, and every message of it.

import { execFileSync } from 'node:child_process'
import type { Page } from 'playwright-core'
import { describe, expect, test } from 'vitest'
import { accessible, clean, importFacts, profile, signIn } from './browser'
import { ownService } from './own'
import { startService } from './service'

const service = ownService({
  OPENPAL_LIMITS__LINK_WRITES_PER_MINUTE: '500',
  OPENPAL_LIMITS__LINK_WRITES_PER_DAY: '5000',
})

async function goTo(page: Page, directory: string) {
  await page.locator('#directory-button').click()
  await page.getByRole('button', { name: `Switch to ${directory}` }).click()
  await page.getByRole('banner').getByText(`Directory: ${directory}`).waitFor()
}

const field = (page: Page) => page.getByLabel('Microsoft partner ID')

/** The message beside the field, which is where the focus must be. */
async function refusal(page: Page) {
  const input = field(page)
  await page.locator('input:focus').waitFor()
  expect(await input.evaluate((node) => node === document.activeElement)).toBe(true)
  const ids = (await input.getAttribute('aria-describedby'))?.split(' ') ?? []
  const texts = await Promise.all(ids.map((id) => page.locator(`[id="${id}"]`).innerText()))
  return texts.join(' ')
}

describe('the link page', () => {
  test.each([
    ['', 'Type the partner ID, for example 5127255.'],
    ['51x', 'A partner ID has only digits, for example 5127255.'],
    ['99999999', 'There is no partner with the ID 99999999. Check the Associated Partner ID'],
    ['5127254', '5127254 is the global account of Contoso. Links use a location ID; choose one:'],
  ])('refuses "%s" beside the field', async (typed, message) => {
    const context = await profile({ url: service.demo.url })
    const page = await signIn(context)
    await goTo(page, 'Proseware')
    await field(page).fill(typed)
    await page.getByRole('button', { name: 'Link a partner ID' }).click()
    await page.getByText(message.slice(0, 30)).first().waitFor()
    expect(await refusal(page)).toContain(message)
    await accessible(page, message)
    clean(context)
    await context.close()
  })

  test('a global account offers its locations, and one click mends it', async () => {
    const context = await profile({ url: service.demo.url })
    const page = await signIn(context)
    await goTo(page, 'Proseware')
    await field(page).fill('5127254')
    await page.getByRole('button', { name: '5127256 Contoso Services, Malmö' }).click()
    expect(await field(page).inputValue()).toBe('5127256')
    await page.getByText('Contoso Services, Malmö (location)').waitFor()
    await context.close()
  })

  test('links, changes and removes; nothing is linked by a second tab that came too late', async () => {
    const context = await profile({ url: service.demo.url })
    const page = await signIn(context)
    await goTo(page, 'Proseware')
    const late = await context.newPage()
    await late.goto('/portal/link')
    await field(late).fill('5127256')
    await field(page).fill('5127255')
    await field(page).press('Enter')
    await page.getByText('Partner ID linked:').first().waitFor()
    await field(late).press('Enter')
    await late
      .getByText(/This account is linked to Contoso Services, Utrecht \(5127255\) since /)
      .waitFor()
    await late.getByRole('button', { name: 'Change', exact: true }).waitFor()
    await accessible(late, 'conflict')

    await page.getByRole('button', { name: 'Change', exact: true }).click()
    await page
      .getByRole('heading', { name: 'Change Contoso Services, Utrecht (5127255) to' })
      .waitFor()
    await field(page).fill('5127256')
    await accessible(page, 'change')
    await page.getByRole('button', { name: 'Change the partner ID' }).click()
    await page
      .getByText('is now linked to Contoso Services, Malmö (5127256). Version 2.')
      .first()
      .waitFor()

    await page.getByRole('button', { name: 'Check' }).click()
    await page.getByText(/^Checked at/).waitFor()
    await page.getByRole('button', { name: 'Remove' }).click()
    const dialog = page.getByRole('dialog')
    await dialog
      .getByText(
        'Remove the link of ada@contoso.example to Contoso Services, Malmö (5127256) in Proseware?',
      )
      .waitFor()
    await accessible(page, 'remove')
    await dialog.getByRole('button', { name: 'Keep' }).click()
    await dialog.waitFor({ state: 'detached' })
    await page.getByRole('button', { name: 'Remove' }).click()
    await dialog.getByRole('button', { name: 'Remove' }).click()
    await page.getByText('is no longer linked to').first().waitFor()
    await field(page).waitFor()
    clean(context)
    await context.close()
  })

  test('a location that has closed, a link that is gone, no account, no answer', async () => {
    const context = await profile({ url: service.demo.url })
    const page = await signIn(context)
    await importFacts(page, [
      {
        kind: 'partner',
        partner: '5127256',
        name: 'Contoso Services, Malmö',
        type: 'location',
        parent: '5127254',
        from: '2026-01-01T00:00:00Z',
        to: '2026-11-10T00:00:00Z',
      },
    ])
    await goTo(page, 'Woodgrove')
    await field(page).fill('5127256')
    await field(page).press('Enter')
    await page.getByText('The partner ID 5127256 is no longer active.').waitFor()
    expect(await refusal(page)).toContain('Choose another location.')

    await field(page).fill('5127255')
    await field(page).press('Enter')
    await page.getByText('Partner ID linked:').first().waitFor()
    const late = await context.newPage()
    await late.goto('/portal/link')
    await late.getByRole('button', { name: 'Remove' }).waitFor()
    for (const tab of [page, late]) {
      await tab.getByRole('button', { name: 'Remove' }).click()
      await tab.getByRole('dialog').getByRole('button', { name: 'Remove' }).click()
      if (tab === page) await page.getByText('is no longer linked to').first().waitFor()
    }
    await late
      .getByText('No partner ID is linked to ada@contoso.example in Woodgrove any more.')
      .waitFor()
    await accessible(late, 'gone')
    await late.close()

    await goTo(page, 'Proseware')
    await context.route('**/portal/arm/**', (route) =>
      route.fulfill({
        status: 403,
        contentType: 'application/json',
        body: JSON.stringify({ error: { code: 'Forbidden', message: 'no account' } }),
      }),
    )
    await field(page).fill('5127255')
    await field(page).press('Enter')
    await page
      .getByText('Ask an administrator of Proseware to invite you, or switch directory.')
      .waitFor()
    await context.unroute('**/portal/arm/**')
    await context.route('**/portal/arm/**', (route) => route.abort())
    await field(page).press('Enter')
    await page.getByText('The service does not answer.').waitFor()
    await accessible(page, 'the service does not answer')
    await context.close()
  })

  test('access that is delegated is linked where the delegation leads', async () => {
    const context = await profile({ url: service.demo.url })
    const page = await signIn(context)
    await importFacts(page, [
      {
        kind: 'delegation',
        tenant: '940e0000-0000-4000-8000-000000000000',
        id: '940e0000-de1e-4000-8000-000000000001',
        scope: '/subscriptions/940e0000-5000-4000-8000-000000000001',
        managingTenant: 'c0750000-0000-4000-8000-000000000000',
        authorizations: [
          {
            principal: 'c0750000-2000-4000-8000-000000000001',
            role: 'b24988ac-6180-42a0-ab88-20f7382dd24c',
          },
        ],
        from: '2026-11-03T00:00:00Z',
      },
    ])
    await goTo(page, 'Proseware')
    await page
      .getByText(
        'Your access here is delegated. Link in Contoso (your own directory) once instead.',
      )
      .waitFor()
    await accessible(page, 'delegated')
    await page.getByRole('button', { name: 'Switch to Contoso' }).click()
    await page.getByRole('banner').getByText('Directory: Contoso').waitFor()
    await page.getByText('Your access here is delegated.').waitFor({ state: 'detached' })
    await context.close()
  })

  test('an entry outlives a change of directory, which the page says', async () => {
    const context = await profile({ url: service.demo.url })
    const page = await signIn(context)
    await goTo(page, 'Proseware')
    await field(page).fill('5127256')
    await goTo(page, 'Woodgrove')
    await page.getByText('5127256 was typed in Proseware and has not been sent.').waitFor()
    expect(await field(page).inputValue()).toBe('5127256')
    await page.getByRole('button', { name: 'Clear' }).click()
    expect(await field(page).inputValue()).toBe('')
    await page.getByText('No role in this directory').waitFor({ state: 'detached' })
    clean(context)
    await context.close()
  })

  test('shows a person whose name was erased when that was done', async () => {
    const { url, program, data } = service.demo
    const tenant = 'fab00000-0000-4000-8000-000000000000'
    const account = `${tenant}/fab00000-1000-4000-8000-00000000f71d`
    const pal = (args: string[], input = '') =>
      execFileSync(program, [...args, '--data-dir', data], { input, stdio: 'pipe' })
    pal(['erase', 'person', account, '--yes'])
    // Her sign-in is erased, too, and the operator gives her another one.
    pal(['credential', 'user', 'new@fabrikam.example', '--account', account], 'new')
    const context = await profile({ url })
    const page = await signIn(context, '/portal/link', 'new@fabrikam.example', 'new')
    await page.getByText('The operator of this service erased your name and your sign-in').waitFor()
    expect(await page.locator('main').innerText()).not.toContain('frida')
    await accessible(page, 'erased')
    clean(context)
    await context.close()
  })

  test('says when there were too many attempts', async () => {
    const slow = await startService([], { OPENPAL_LIMITS__LINK_WRITES_PER_MINUTE: '1' })
    const context = await profile({ url: slow.demo.url })
    const page = await signIn(context)
    await goTo(page, 'Proseware')
    for (const id of ['5127250', '5127251', '5127252']) {
      await field(page).fill(id)
      await field(page).press('Enter')
      await page.locator('[aria-invalid=true]').waitFor()
    }
    expect(await refusal(page)).toContain('Too many attempts.')
    await context.close()
    await slow.stop()
  })
})

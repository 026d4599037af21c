// Two tabs, the end of a session, signing out, and what another site can do (nothing).

import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { describe, expect, test } from 'vitest'
import { accessible, clean, profile, signIn } from './browser'
import { ownService } from './own'

const service = ownService()

const field = 'input[inputmode=numeric]'

describe('the session', () => {
  test('another tab notices a switch, and changes nothing until it is told where', async () => {
    const context = await profile({ url: service.demo.url })
    const first = await signIn(context)
    const second = await context.newPage()
    await second.goto('/portal/link')
    await second.getByText('Directory: Contoso').waitFor()
    await first.locator('#directory-button').click()
    await first.getByRole('button', { name: 'Switch to Proseware' }).click()
    await first.getByRole('banner').getByText('Directory: Proseware').waitFor()
    const dialog = second.getByRole('alertdialog')
    await dialog.getByText('Another tab went to Proseware').waitFor()
    await accessible(second, 'another tab')
    await dialog.getByRole('button', { name: 'Reload as Proseware' }).click()
    await second.getByRole('banner').getByText('Directory: Proseware').waitFor()
    clean(context)
    await context.close()
  })

  test('a session that has ended keeps the entry', async () => {
    const context = await profile({ url: service.demo.url })
    const page = await signIn(context)
    await page.locator('#directory-button').click()
    await page.getByRole('button', { name: 'Switch to Proseware' }).click()
    await page.locator(field).fill('5127256')
    await context.clearCookies({ name: '__Host-openpal' })
    await page.locator(field).press('Enter')
    const dialog = page.getByRole('alertdialog')
    await dialog.getByText('Your entry is kept.').waitFor()
    await accessible(page, 'signed out')
    await dialog.getByRole('button', { name: 'Sign in' }).click()
    await page.locator('input[type=password]').waitFor()
    await page
      .locator('input:not([type=password]):not([type=hidden])')
      .first()
      .fill('ada@contoso.example')
    await page.locator('input[type=password]').fill('demo')
    await page.keyboard.press('Enter')
    await page.waitForURL('**/portal/link')
    await page.getByRole('banner').getByText('Directory: Proseware').waitFor()
    expect(await page.locator(field).inputValue()).toBe('5127256')
    await context.close()
  })

  test('two minutes before its end a session says so, and can be kept', async () => {
    const context = await profile({ url: service.demo.url })
    const page = await signIn(context)
    await page.clock.install()
    await page.reload()
    await page.locator('h1').waitFor()
    const dialog = page.getByRole('alertdialog')
    await page.clock.runFor(27 * 60_000)
    expect(await dialog.count()).toBe(0)
    await page.clock.runFor(90_000)
    await dialog.getByText('Your session is about to end').waitFor()
    await accessible(page, 'session ends')
    await dialog.getByRole('button', { name: 'Stay signed in' }).click()
    await context.close()
  })

  test('signing out ends it in every tab; everywhere, in every browser', async () => {
    const [here, there] = [
      await profile({ url: service.demo.url }),
      await profile({ url: service.demo.url }),
    ]
    const page = await signIn(here)
    const other = await signIn(there)
    await page.locator('#directory-button').click()
    await page.getByRole('button', { name: 'Sign out everywhere' }).click()
    await page.getByRole('heading', { name: 'You are signed out' }).waitFor()
    await accessible(page, 'after signing out')
    await other.reload()
    await other.locator('input[type=password]').waitFor()
    await here.close()
    await there.close()
  })
})

describe('the browser keeps', () => {
  test('no token and no secret, in no storage and not in the page', async () => {
    const context = await profile({ url: service.demo.url })
    const page = await signIn(context)
    const seen = await page.evaluate(async () => {
      const databases = await indexedDB.databases()
      const caches = await window.caches.keys()
      const stored = JSON.stringify([{ ...localStorage }, { ...sessionStorage }])
      return {
        databases,
        caches,
        stored,
        cookie: document.cookie,
        page: document.documentElement.outerHTML,
      }
    })
    expect(seen.databases).toEqual([])
    expect(seen.caches).toEqual([])
    expect(seen.cookie).toBe('')
    const [cookie] = (await context.cookies()).filter((one) => one.name === '__Host-openpal')
    expect(cookie).toMatchObject({ httpOnly: true, secure: true, sameSite: 'Lax', path: '/' })
    for (const text of [seen.stored, seen.page]) {
      expect(text).not.toContain(cookie?.value ?? 'no cookie')
      expect(text).not.toMatch(/eyJ[\w-]+\.[\w-]+\./)
      expect(text).not.toMatch(/csrf/i)
    }
    await context.close()
  })

  test('no script runs but the pages’ own', async () => {
    const context = await profile({ url: service.demo.url })
    const page = await signIn(context)
    const inline = await page.evaluate(() =>
      [...document.scripts].filter((script) => !script.src).map((script) => script.outerHTML),
    )
    expect(inline).toEqual([])
    const answer = await page.request.get('/portal/link')
    const policy = answer.headers()['content-security-policy'] ?? ''
    expect(policy).not.toContain('unsafe')
    expect(policy).toContain("frame-ancestors 'none'")
    // No text becomes a script (Trusted Types), and none that did would run.
    const outcome = await page.evaluate(() => {
      const script = document.createElement('script')
      try {
        script.textContent = 'window.ran = true'
      } catch (error) {
        return String(error)
      }
      document.body.append(script)
      return 'ran' in window ? 'it ran' : 'it did not run'
    })
    expect(outcome).toMatch(/TrustedScript|did not run/)
    const markup = await page.evaluate(() => {
      try {
        document.body.insertAdjacentHTML('beforeend', '<img src=x>')
        return 'taken'
      } catch (error) {
        return String(error)
      }
    })
    expect(markup).toContain('TrustedHTML')
    await context.close()
  })

  test('nothing that another site asks for', async () => {
    const site = createServer((_, response) => {
      response.setHeader('content-type', 'text/html')
      response.end(`<iframe src="${service.demo.url}/portal/link"></iframe>
        <form method="post" action="${service.demo.url}/portal/auth/sign-out"><input name="everywhere" value="true"></form>`)
    })
    await new Promise<void>((resolve) => site.listen(0, '127.0.0.1', resolve))
    const { port } = site.address() as AddressInfo
    const context = await profile({ url: service.demo.url })
    const page = await signIn(context)
    const evil = await context.newPage()
    await evil.goto(`http://127.0.0.1:${port}/`)
    await evil.waitForTimeout(500)
    const frame = evil.frames().find((one) => one !== evil.mainFrame())
    // The browser's own page stands there.
    expect(frame?.url()).toMatch(/^chrome-error:/)
    const paths = [
      'auth/sign-out',
      'session/directory',
      'arm/providers/microsoft.managementpartner/partners/5127256?api-version=2018-02-01',
    ]
    for (const path of paths) {
      const method = path.startsWith('arm') ? 'PUT' : 'POST'
      const result = await evil.evaluate(
        async ([url, verb]) =>
          fetch(url as string, {
            method: verb as string,
            credentials: 'include',
            mode: verb === 'PUT' ? 'cors' : 'no-cors',
          })
            .then((answer) => answer.type)
            .catch(() => 'refused'),
        [`${service.demo.url}/portal/${path}`, method],
      )
      expect(['refused', 'opaque']).toContain(result)
    }
    await evil.evaluate(() => document.forms[0]?.submit())
    await evil.waitForTimeout(500)
    await page.reload()
    await page.getByText('Directory: Contoso').waitFor()
    await context.close()
    await new Promise((resolve) => site.close(resolve))
  })
})

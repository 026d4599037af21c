// Every page in every language, light and dark, for what a program can find; small; and by measure.

import { afterAll, describe, expect, test } from 'vitest'
import { accessible, browser, LANGUAGES, profile, signIn } from './browser'
import { visit } from './routes'

afterAll(() => browser.close())

describe.each(LANGUAGES)('in %s', (language) => {
  test.each([false, true])('every page holds, dark: %s', { timeout: 600_000 }, async (dark) => {
    const titles: string[] = []
    await visit({ language, dark }, async (page, name) => {
      await accessible(page, `${name} ${language} ${dark ? 'dark' : 'light'}`)
      expect(await page.locator('html').getAttribute('lang')).toBe(language)
      expect(await page.locator('h1').count(), name).toBe(1)
      titles.push(await page.title())
    })
    expect(titles.every((title) => title.endsWith('Partner Admin Link'))).toBe(true)
  })

  test.each([false, true])('so do the pages to sign in at, dark: %s', async (dark) => {
    const context = await profile({ language, dark, width: 320, height: 640 })
    const page = await context.newPage()
    await page.goto('/portal/link')
    await page.locator('input[type=password]').waitFor()
    await accessible(page, 'sign-in')
    expect(await page.locator('html').getAttribute('lang')).toBe(language)
    await page.locator('input[type=password]').fill('wrong')
    await page
      .locator('input:not([type=password]):not([type=hidden])')
      .first()
      .fill('ada@contoso.example')
    await page.keyboard.press('Enter')
    await page.locator('[role=alert]').waitFor()
    await accessible(page, 'sign-in refused')
    await page.goto('/portal/signed-out')
    await page.locator('h1').waitFor()
    await accessible(page, 'signed out')
    await context.close()
  })

  test('320 by 640 loses nothing', { timeout: 600_000 }, async () => {
    await visit({ language, width: 320, height: 640 }, async (page, name) => {
      const [wide, outside] = await page.evaluate(() => {
        const width = document.documentElement.clientWidth
        const hidden = (node: Element) => node.closest('.hidden, [data-tabster-dummy]') !== null
        const scrolls = (node: Element) => {
          for (let above = node.parentElement; above; above = above.parentElement) {
            if (/auto|scroll/.test(getComputedStyle(above).overflowX)) return true
          }
          return false
        }
        const out = [...document.querySelectorAll('main *, header *')]
          .filter((node) => node.getBoundingClientRect().right > width + 1)
          .filter((node) => !hidden(node) && !scrolls(node))
          .map((node) => node.outerHTML.slice(0, 160))
        return [document.documentElement.scrollWidth > width, out] as const
      })
      expect(outside, `${name} ${language}`).toEqual([])
      expect(wide, `${name} ${language}`).toBe(false)
    })
  })
})

test('targets are at least 24 by 24 pixels', { timeout: 600_000 }, async () => {
  await visit({}, async (page, name) => {
    const small = await page.evaluate(() =>
      [...document.querySelectorAll('a, button, input, select, summary, [role=tab], [role=button]')]
        .filter((node) => !node.closest('[data-tabster-dummy], p, .hidden'))
        .map((node) => ({ box: node.getBoundingClientRect(), html: node.outerHTML.slice(0, 200) }))
        .filter(({ box }) => box.width > 0 && box.top >= 0 && (box.width < 24 || box.height < 24))
        .map(({ box, html }) => `${Math.round(box.width)}x${Math.round(box.height)} ${html}`),
    )
    expect(small, name).toEqual([])
  })
})

test('forced colours and larger text spacing lose nothing', { timeout: 300_000 }, async () => {
  const context = await profile({}, { forcedColors: 'active' })
  const page = await signIn(context)
  for (const path of ['/portal/link', '/portal/insights', '/portal/links']) {
    await page.goto(path)
    await page.waitForLoadState('networkidle')
    await page.addStyleTag({ content: '' }).catch(() => {})
    await page.evaluate(() => {
      const sheet = new CSSStyleSheet()
      sheet.replaceSync(
        '* { line-height: 1.5 !important; letter-spacing: 0.12em !important; word-spacing: 0.16em !important }',
      )
      document.adoptedStyleSheets = [...document.adoptedStyleSheets, sheet]
    })
    const cut = await page.evaluate(() =>
      [...document.querySelectorAll('main button, main a, main h1, main h2, main label')]
        .filter((node) => !node.matches('.hidden'))
        .filter(
          (node) =>
            node.scrollWidth > node.clientWidth + 1 && getComputedStyle(node).overflow === 'hidden',
        )
        .map((node) => node.outerHTML.slice(0, 160)),
    )
    expect(cut, path).toEqual([])
  }
  await context.close()
})

// The whole flow with no mouse: sign in, switch directory, link, change, remove. In each language.

import type { Page } from 'playwright-core'
import { describe, expect, test } from 'vitest'
import { LANGUAGES, profile } from './browser'
import { ownService } from './own'

const service = ownService()

/** What has the focus: its name, and whether it can be seen and is not under the header. */
const focused = (page: Page) =>
  page.evaluate(() => {
    const node = document.activeElement as HTMLElement
    const box = node.getBoundingClientRect()
    const header = document.querySelector('header')
    const top = document.elementFromPoint(box.x + box.width / 2, box.y + box.height / 2)
    const isUnder = header?.contains(top) === true && !header.contains(node) && !node.contains(top)
    const style = getComputedStyle(node)
    const labelled = (node as HTMLInputElement).labels?.[0]?.textContent
    return {
      name: node.getAttribute('aria-label') ?? labelled ?? node.textContent ?? '',
      tag: node.tagName,
      isUnder,
      hasOutline: style.outlineStyle !== 'none' || style.boxShadow !== 'none',
    }
  })

/** Tab until something with this name has the focus. */
async function tabTo(page: Page, name: RegExp, key = 'Tab') {
  const passed: string[] = []
  for (let steps = 0; steps < 60; steps += 1) {
    const now = await focused(page)
    expect(now.isUnder, `${now.name} is under the header`).toBe(false)
    if (name.test(now.name)) return
    passed.push(now.name.slice(0, 40))
    await page.keyboard.press(key)
  }
  throw new Error(`${name} was not reached by ${key}: ${passed.join(' | ')}`)
}

const WORDS = {
  en: {
    directory: /^Directory|Directory:/,
    to: 'Switch to Proseware',
    field: /^Microsoft partner ID/,
    link: /^Link a partner ID/,
    done: 'Partner ID linked',
    change: /^Change$/,
    send: /^Change the/,
    changed: 'Partner ID changed',
    remove: /^Remove$/,
    gone: 'Link removed',
  },
  nl: {
    directory: /Map:/,
    to: 'Schakelen naar Proseware',
    field: /^Microsoft-partner-id/,
    link: /^Partner-id koppelen/,
    done: 'Partner-id gekoppeld',
    change: /^Wijzigen$/,
    send: /^Partner-id wijzigen/,
    changed: 'Partner-id gewijzigd',
    remove: /^Verwijderen$/,
    gone: 'Koppeling verwijderd',
  },
  sv: {
    directory: /Katalog:/,
    to: 'Byt till Proseware',
    field: /^Microsoft-partner-ID/,
    link: /^Länka ett/,
    done: 'Partner-ID länkat',
    change: /^Ändra$/,
    send: /^Ändra partner/,
    changed: 'Partner-ID ändrat',
    remove: /^Ta bort$/,
    gone: 'Länken är borttagen',
  },
}

describe.each(LANGUAGES)('by keyboard alone, in %s', (language) => {
  test('sign in, switch, link, change, remove', async () => {
    const words = WORDS[language]
    const context = await profile({ url: service.demo.url, language })
    const page = await context.newPage()
    await page.goto('/portal/link')
    await page.locator('input[type=password]').waitFor()
    expect(await page.locator('html').getAttribute('lang')).toBe(language)
    await page.keyboard.type('ada@contoso.example')
    await page.keyboard.press('Tab')
    await page.keyboard.type('demo')
    await page.keyboard.press('Enter')
    await page.locator('#directory-button').waitFor()

    await page.keyboard.press('Tab')
    expect((await focused(page)).tag).toBe('A')
    await page.keyboard.press('Enter')
    expect(await page.evaluate(() => document.activeElement?.id)).toBe('main')
    await tabTo(page, words.directory, 'Shift+Tab')
    await page.keyboard.press('Enter')
    await page.locator('[role=dialog] input[type=search]').waitFor()
    await tabTo(page, new RegExp(`^${words.to}$`))
    await page.keyboard.press('Enter')
    await page.locator('h1:focus').waitFor()
    expect(await page.locator('#directory-button').innerText()).toContain('Proseware')

    await tabTo(page, words.field)
    await page.keyboard.type('5127255')
    await tabTo(page, words.link)
    await page.keyboard.press('Enter')
    await page.getByText(words.done).first().waitFor()
    await tabTo(page, words.change)
    await page.keyboard.press('Enter')
    await page.locator('input:focus').waitFor()
    await page.keyboard.type('5127256')
    await tabTo(page, words.send)
    await page.keyboard.press('Enter')
    await page.getByText(words.changed).first().waitFor()
    await tabTo(page, words.remove)
    await page.keyboard.press('Enter')
    await page.getByRole('dialog').waitFor()
    await page.keyboard.press('Escape')
    await page.getByRole('dialog').waitFor({ state: 'detached' })
    await page.keyboard.press('Enter')
    await page.getByRole('dialog').waitFor()
    await tabTo(page, words.remove)
    await page.keyboard.press('Enter')
    await page.getByText(words.gone).first().waitFor()
    await context.close()
  })
})

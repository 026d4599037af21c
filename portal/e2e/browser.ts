// A browser, people in it, and what every page must keep.

import { readFileSync } from 'node:fs'
import { createRequire } from 'node:module'
import {
  type BrowserContext,
  type BrowserContextOptions,
  chromium,
  type Page,
} from 'playwright-core'
import { expect, inject } from 'vitest'

const AXE = readFileSync(createRequire(import.meta.url).resolve('axe-core/axe.min.js'), 'utf8')

export const browser = await chromium.launch({
  executablePath: process.env.CHROMIUM ?? '/usr/bin/chromium',
  args: [
    '--no-sandbox',
    '--disable-gpu',
    '--disable-quic',
    '--no-first-run',
    '--disable-background-networking',
    '--disable-component-update',
    '--disable-sync',
  ],
})

export const LANGUAGES = ['en', 'nl', 'sv'] as const
export type Language = (typeof LANGUAGES)[number]

export interface Options {
  language?: Language
  dark?: boolean
  width?: number
  height?: number
  url?: string
}

/** What a page said that it should not have: broken policies, exceptions. */
const wrong = new WeakMap<BrowserContext, string[]>()

/** A fresh browser profile. */
export async function profile(options: Options = {}, more: BrowserContextOptions = {}) {
  const context = await browser.newContext({
    baseURL: options.url ?? inject('demo').url,
    ignoreHTTPSErrors: true,
    locale: { en: 'en-GB', nl: 'nl-NL', sv: 'sv-SE' }[options.language ?? 'en'],
    timezoneId: 'UTC',
    colorScheme: options.dark ? 'dark' : 'light',
    viewport: { width: options.width ?? 1280, height: options.height ?? 900 },
    reducedMotion: 'reduce',
    ...more,
  })
  context.setDefaultTimeout(15_000)
  const said: string[] = []
  wrong.set(context, said)
  context.on('console', (message) => {
    // An answer of 4xx is written there by the browser; the tests look at what the page makes of it.
    if (message.type() === 'error' && !message.text().startsWith('Failed to load resource')) {
      said.push(message.text())
    }
  })
  context.on('weberror', (error) => said.push(String(error.error())))
  return context
}

/** Signs somebody in, at a page of the portal. */
export async function signIn(
  context: BrowserContext,
  path = '/portal/link',
  name = 'ada@contoso.example',
  password = 'demo',
): Promise<Page> {
  const page = await context.newPage()
  await page.goto(path)
  await page.locator('input[type=password]').waitFor()
  await page.locator('input:not([type=password]):not([type=hidden])').first().fill(name)
  await page.locator('input[type=password]').fill(password)
  await page.keyboard.press('Enter')
  await page.waitForURL(
    (url) => url.pathname.startsWith('/portal') && !url.pathname.includes('auth'),
  )
  await page.locator('h1').waitFor()
  return page
}

/** Nothing was blocked by the policy, nothing thrown. */
export function clean(context: BrowserContext) {
  expect(wrong.get(context)).toEqual([])
}

/** No violation of WCAG 2.2 A or AA, as far as a program can tell. */
export async function accessible(page: Page, what: string) {
  const found = await violations(page)
  expect(found, what).toEqual([])
}

async function violations(page: Page) {
  // The pages' own policy would refuse a script that is put into the page: evaluated, it is not one.
  await page.evaluate(AXE)
  return page.evaluate(async () => {
    // biome-ignore lint/suspicious/noExplicitAny: put there above
    const { axe } = window as any
    const tags = ['wcag2a', 'wcag2aa', 'wcag21a', 'wcag21aa', 'wcag22aa']
    const report = await axe.run(
      // Fluent's focus guards, which nobody can reach.
      { exclude: [['[data-tabster-dummy]']] },
      { runOnly: tags, resultTypes: ['violations'] },
    )
    return report.violations.map(
      (one: { id: string; nodes: { html: string; failureSummary: string }[] }) => ({
        id: one.id,
        nodes: one.nodes.map(
          (node) => `${node.html.slice(0, 200)} ${node.failureSummary.slice(0, 300)}`,
        ),
      }),
    )
  })
}

/** Takes facts in as the page's person, who must be an operator. */
export async function importFacts(page: Page, lines: object[]) {
  const answer = await page.evaluate(
    async (body) => {
      const session = await (await fetch('/portal/session')).json()
      const headers = { 'content-type': 'application/jsonl', 'x-openpal-csrf': session.csrf }
      return (await fetch('/portal/api/v1/facts', { method: 'POST', headers, body })).text()
    },
    lines.map((line) => JSON.stringify(line)).join('\n'),
  )
  expect(answer).toContain('"revision"')
}

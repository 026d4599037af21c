// Every page, with somebody who sees something on it.

import type { BrowserContext, Page } from 'playwright-core'
import { clean, type Options, profile, signIn } from './browser'

export interface Route {
  path: string
  user?: string
  /** To go to before it is looked at. */
  directory?: string
  /** What is typed there, into the field of the partner ID. */
  typed?: string
}

const PROD = '/subscriptions/fab00000-5000-4000-8000-000000000001'
const ASKED = `resource=${encodeURIComponent(PROD)}&month=2026-10&partner=5127255`

export const ROUTES: Record<string, Route> = {
  link: { path: '/portal/link' },
  'link-new': { path: '/portal/link', directory: 'Proseware', typed: '5127255' },
  links: { path: '/portal/links' },
  insights: { path: '/portal/insights' },
  'insights-customers': { path: '/portal/insights?tab=customers' },
  'insights-subscriptions': { path: '/portal/insights?tab=subscriptions' },
  'insights-usage': { path: '/portal/insights?tab=usage' },
  'insights-accounts': { path: '/portal/insights?tab=accounts', user: 'bjorn@contoso.example' },
  'insights-missing': { path: '/portal/insights?tab=missing', user: 'bjorn@contoso.example' },
  'insights-no-money': { path: '/portal/insights', user: 'bram@contoso.example' },
  'insights-none': { path: '/portal/insights', user: 'tove@tailwind.example' },
  explain: { path: `/portal/explain?${ASKED}` },
  'explain-empty': { path: '/portal/explain' },
  'why-not': { path: `/portal/why-not?${ASKED.replace('5127255', '5127256')}` },
  'why-not-empty': { path: '/portal/why-not' },
  directory: { path: '/portal/directory', user: 'frida@fabrikam.example' },
  operator: { path: '/portal/operator' },
  'operator-imports': { path: '/portal/operator?tab=imports' },
  'operator-audit': { path: '/portal/operator?tab=audit' },
  'operator-partners': { path: '/portal/operator?tab=partners' },
  search: { path: '/portal/search?q=prod' },
  help: { path: '/portal/help' },
  'no-such-page': { path: '/portal/nothing-here' },
}

/** One person's pages, one after the other, in one browser profile. */
export async function visit(
  options: Options,
  look: (page: Page, name: string, context: BrowserContext) => Promise<void>,
) {
  const people = new Map<string, [string, Route][]>()
  for (const [name, route] of Object.entries(ROUTES)) {
    const user = route.user ?? 'ada@contoso.example'
    people.set(user, [...(people.get(user) ?? []), [name, route]])
  }
  for (const [user, routes] of people) {
    const context = await profile(options)
    const page = await signIn(context, '/portal/help', user)
    // Those in another directory last: the session stays there.
    for (const [name, route] of routes.sort((one, other) =>
      (one[1].directory ?? '').localeCompare(other[1].directory ?? ''),
    )) {
      await page.goto(route.path)
      await page.locator('h1').waitFor()
      await page.waitForLoadState('networkidle')
      if (route.directory) {
        await page.locator('#directory-button').click()
        await page
          .locator(`[role=dialog] li:has-text("${route.directory}") > button:last-of-type`)
          .click()
        await page.locator('#directory-button', { hasText: route.directory }).waitFor()
        // What is asked for after that is no load of a page.
        await page.waitForTimeout(1000)
        if (route.typed) await page.locator('input[inputmode=numeric]').fill(route.typed)
        await page.waitForTimeout(1000)
      }
      await page.locator('[role=progressbar]').first().waitFor({ state: 'detached' })
      await look(page, name, context)
    }
    clean(context)
    await context.close()
  }
}

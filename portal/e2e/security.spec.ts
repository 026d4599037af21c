// Names that other people choose are shown as text, wherever they are shown (T43); and what a first visit
// weighs.

import { expect, test } from 'vitest'
import { clean, importFacts, profile, signIn } from './browser'
import { ownService } from './own'

const service = ownService()

const PAYLOADS = [
  '<script>alert(1)</script>',
  '<img src=x onerror=alert(1)>',
  '<svg onload=alert(1)>',
  '<svg><script>alert(1)</script></svg>',
  '"><script>alert(1)</script>',
  "'><img src=x onerror=alert(1)>",
  '<iframe src="javascript:alert(1)"></iframe>',
  '<a href="javascript:alert(1)">x</a>',
  'javascript:alert(1)',
  '[x](javascript:alert(1))',
  '![x](x"onerror="alert(1))',
  '<body onload=alert(1)>',
  '<details open ontoggle=alert(1)>',
  '<input autofocus onfocus=alert(1)>',
  '<math><mtext><script>alert(1)</script>',
  '<style>@import "javascript:alert(1)"</style>',
  '<link rel=stylesheet href="//evil.example/x.css">',
  '<meta http-equiv=refresh content="0;url=//evil.example">',
  '<base href="//evil.example/">',
  '<object data="javascript:alert(1)">',
  '<embed src="javascript:alert(1)">',
  '<form action="//evil.example"><button>x</button></form>',
  '<template><script>alert(1)</script></template>',
  '{{constructor.constructor("alert(1)")()}}',
  // biome-ignore lint/suspicious/noTemplateCurlyInString: that is the attack
  '${alert(1)}',
  '{account, select, other {<b>x</b>}}',
  '<b>bold</b> {name}',
  '&lt;script&gt;alert(1)&lt;/script&gt;',
  '\u202e<script>alert(1)</script>',
  '=HYPERLINK("//evil.example","x")',
]

test('names of partners, customers, subscriptions and people are text', {
  timeout: 300_000,
}, async () => {
  const context = await profile({ url: service.demo.url })
  const page = await signIn(context)
  const dialogs: string[] = []
  context.on('page', (one) => one.on('dialog', (dialog) => dialogs.push(dialog.message())))
  page.on('dialog', (dialog) => {
    dialogs.push(dialog.message())
    dialog.dismiss()
  })
  const elsewhere: string[] = []
  context.on('request', (request) => {
    if (!request.url().startsWith(service.demo.url)) elsewhere.push(request.url())
  })
  const ids = {
    fabrikam: 'fab00000-0000-4000-8000-000000000000',
    proseware: '940e0000-0000-4000-8000-000000000000',
    prod: 'fab00000-5000-4000-8000-000000000001',
    home: 'c0750000-0000-4000-8000-000000000000',
  }
  for (const [index, text] of PAYLOADS.entries()) {
    const minute = String(index).padStart(2, '0')
    const from = `2026-09-01T00:${minute}:00Z`
    const facts = [
      { kind: 'tenant', tenant: ids.fabrikam, name: text, domain: 'fabrikam.example', from },
      {
        kind: 'tenant',
        tenant: ids.proseware,
        name: text,
        domain: 'proseware.example',
        from: `2026-11-03T00:${minute}:00Z`,
      },
      {
        kind: 'subscription',
        tenant: ids.fabrikam,
        subscription: ids.prod,
        name: text,
        managementGroup: 'fabrikam-landingzones',
        from,
      },
      {
        kind: 'partner',
        partner: '5127255',
        name: text,
        type: 'location',
        parent: '5127254',
        homeTenant: ids.home,
        from,
      },
    ]
    await importFacts(page, facts)
    // Each on the pages that show most names; all pages for some.
    const paths = ['/portal/link', '/portal/insights?tab=subscriptions&period=2026-10']
    if (index % 10 === 0) {
      paths.push(
        '/portal/links',
        '/portal/insights',
        `/portal/explain?resource=/subscriptions/${ids.prod}&month=2026-10`,
      )
      paths.push(
        `/portal/search?q=${encodeURIComponent(text.slice(0, 8))}`,
        '/portal/operator?tab=partners',
      )
    }
    for (const path of paths) {
      await page.goto(path)
      await page.waitForLoadState('networkidle')
      const found = await page.evaluate(() => ({
        scripts: [...document.scripts].filter((one) => !one.src.startsWith(location.origin)).length,
        strange: document.querySelectorAll(
          'iframe, object, embed, base, form[action], a[href^="javascript:"], [onerror], [onload], [onfocus], [ontoggle]',
        ).length,
        path: location.pathname,
      }))
      expect(found, `${path}: ${text}`).toMatchObject({ scripts: 0, strange: 0 })
      expect(found.path).toMatch(/^\/portal\//)
    }
    await page.goto('/portal/link')
    await page.locator('#directory-button').click()
    const shown = await page.locator('[role=dialog] li p[lang=""]').allInnerTexts()
    expect(
      shown.filter((name) => name.trim() === text.trim()),
      text,
    ).toHaveLength(2)
  }
  expect(dialogs).toEqual([])
  expect(elsewhere).toEqual([])
  clean(context)
  await context.close()
})

test('the link page weighs at most 250 kB at the first visit', async () => {
  const context = await profile({ url: service.demo.url })
  const page = await signIn(context, '/portal/auth/sign-in?return=/portal/help')
  await context.clearCookies({ name: 'none' })
  const fresh = await context.browser()?.newContext({
    baseURL: service.demo.url,
    ignoreHTTPSErrors: true,
    storageState: await context.storageState(),
  })
  if (!fresh) throw new Error('there is no browser')
  const first = await fresh.newPage()
  let bytes = 0
  const network = await fresh.newCDPSession(first)
  await network.send('Network.enable')
  network.on('Network.loadingFinished', (done) => {
    bytes += done.encodedDataLength
  })
  await first.goto('/portal/link')
  await first.locator('h1').waitFor()
  await first.waitForLoadState('networkidle')
  expect(bytes).toBeGreaterThan(50_000)
  expect(bytes).toBeLessThanOrEqual(250_000)
  await page.close()
  await fresh.close()
  await context.close()
})

// Pictures for people who review the pages, and for the documents: each page in each language, wide and
// narrow. `SCREENSHOTS=../docs/screenshots npm run e2e screenshots`, with `PAL` naming the program.

import { join } from 'node:path'
import { afterAll, test } from 'vitest'
import { browser, LANGUAGES } from './browser'
import { visit } from './routes'

const folder = process.env.SCREENSHOTS

afterAll(() => browser.close())

for (const language of LANGUAGES) {
  for (const [width, height] of [
    [1280, 900],
    [400, 900],
  ] as const) {
    test.runIf(folder)(`${language} ${width}`, { timeout: 600_000 }, async () => {
      await visit({ language, width, height }, async (page, name) => {
        await page.waitForTimeout(300)
        const path = join(folder ?? '', `${name}-${language}-${width}.png`)
        await page.screenshot({ path })
      })
    })
  }
}

import { afterAll, beforeAll } from 'vitest'
import { browser } from './browser'
import { type Demo, startService } from './service'

/** A service of a file's own, for tests that change something; `env` configures it. */
export function ownService(env: Record<string, string> = {}) {
  const own = {} as { demo: Demo }
  let stop: (() => Promise<void>) | undefined
  beforeAll(async () => {
    const started = await startService([], env)
    own.demo = started.demo
    stop = started.stop
  })
  afterAll(async () => {
    await stop?.()
    await browser.close()
  })
  return own
}

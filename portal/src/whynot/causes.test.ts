import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, test } from 'vitest'

const root = join(import.meta.dirname, '../../..')
const read = (path: string) => readFileSync(join(root, path), 'utf8')

/** Numbers and codes, from the table of the page that says what they mean. */
const CAUSES = [...read('docs/reference/causes.md').matchAll(/^\| (\d+) \| `([a-z-]+)` \|/gm)].map(
  ([, number, code]) => [Number(number), code] as const,
)

/** Why a partner is not credited, from the table of `pal explain`. */
const REASONS = (() => {
  const table = /are checked in this order:(.*?)The codes do not change/s
  const [, rows = ''] = table.exec(read('docs/reference/commands.md')) ?? []
  return [...rows.matchAll(/^\| `([a-z-]+)`/gm)].map(([, code]) => code)
})()

/** Why a charge is excluded or not credited, from the page of the report. */
const BALANCE = (() => {
  const [line = ''] = /^\| `reason` \|.*$/m.exec(read('docs/reference/report.md')) ?? []
  const codes = [...line.matchAll(/`([a-z-]+)`/g)].map(([, code]) => code)
  return codes.filter((code) => code && !['reason', 'excluded', 'uncredited'].includes(code))
})()

test('there are 13 reasons, and 14 of the balance', () => {
  expect([REASONS.length, BALANCE.length]).toEqual([13, 14])
})

test('there are 28 of them, in order', () => {
  expect(CAUSES.map(([number]) => number)).toEqual(Array.from({ length: 28 }, (_, i) => i + 1))
})

describe.each(['en', 'nl', 'sv'])('in %s', (language) => {
  const texts: Record<string, string> = JSON.parse(read(`portal/locales/${language}/whynot.json`))

  test('every cause has a title, a meaning and a remedy', () => {
    for (const [, code] of CAUSES) {
      for (const part of ['title', 'meaning', 'remedy']) {
        expect(texts[`whynot.cause.${code}.${part}`], `${code} ${part}`).toMatch(/\S/)
      }
    }
  })

  test('titles tell causes apart', () => {
    const titles = CAUSES.map(([, code]) => texts[`whynot.cause.${code}.title`])
    expect(new Set(titles).size).toBe(28)
  })

  test('no text is of a cause that is none', () => {
    const known = new Set(CAUSES.map(([, code]) => code))
    const written = Object.keys(texts).flatMap(
      (key) => /^whynot\.cause\.(.+)\.\w+$/.exec(key)?.[1] ?? [],
    )
    expect(written.filter((code) => !known.has(code))).toEqual([])
  })

  test('every reason has words', () => {
    for (const code of [...REASONS, ...BALANCE]) {
      expect(texts[`whynot.reason.${code}`], code).toMatch(/\S/)
    }
  })
})

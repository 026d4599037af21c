import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { IntlMessageFormat } from 'intl-messageformat'
import { describe, expect, test } from 'vitest'

const root = join(import.meta.dirname, '../../..')
const read = (path: string) => JSON.parse(readFileSync(join(root, path), 'utf8'))

interface Variant {
  const: string
  properties: Record<string, { const: string }>
}
const { schemas } = read('docs/reference/openapi.json').components
const CAUSES = schemas.Cause.oneOf.map((one: Variant) => one.const) as string[]

/** The kinds of what is said, each with the names of its fields. */
const kinds = (schema: string, tag: string): [string, string[]][] =>
  schemas[schema].oneOf.map(({ properties }: Variant) => [
    properties[tag]?.const,
    Object.keys(properties),
  ])

test('there are 28 causes, and four wider ones', () => {
  expect(CAUSES).toHaveLength(32)
})

describe.each(['en', 'nl', 'sv'])('in %s', (language) => {
  const area = (name: string) => read(`portal/locales/${language}/${name}.json`)
  const messages: Record<string, string> = { ...area('explain'), ...area('whynot') }

  test('every cause has a title, a meaning and a remedy', () => {
    for (const code of CAUSES) {
      for (const part of ['title', 'meaning', 'remedy']) {
        expect(messages[`whynot.cause.${code}.${part}`], `${code} ${part}`).toMatch(/\S/)
      }
    }
  })

  test('titles tell causes apart', () => {
    const titles = CAUSES.map((code) => messages[`whynot.cause.${code}.title`])
    expect(new Set(titles).size).toBe(CAUSES.length)
  })

  test('no text is of a cause that is none', () => {
    const known = CAUSES.flatMap((code) =>
      ['title', 'meaning', 'remedy'].map((part) => `whynot.cause.${code}.${part}`),
    )
    const written = Object.keys(messages).filter((key) => key.startsWith('whynot.cause.'))
    expect(written.toSorted()).toEqual(known.toSorted())
  })

  test.each([
    ['explain.step', kinds('PathStep', 'step')],
    ['whynot.found', kinds('Finding', 'kind')],
    ['whynot.change', kinds('Change', 'kind')],
  ])('%s has a text for every kind, made of its fields', (prefix, all) => {
    for (const [kind, names] of all) {
      const values = Object.fromEntries(names.map((name) => [name, 1]))
      const ids = Object.keys(messages).filter(
        (key) => key === `${prefix}.${kind}` || key.startsWith(`${prefix}.${kind}.`),
      )
      expect(ids, kind).not.toEqual([])
      for (const id of ids)
        expect(new IntlMessageFormat(messages[id] ?? '', language).format(values)).toMatch(/\S/)
    }
  })
})

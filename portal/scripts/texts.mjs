// Checks the texts: every language has each of them, with the same arguments, and each is used.
// A text that is missing or has other arguments than the English one is an error; so is one that
// nothing shows.

import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { parse, TYPE } from '@formatjs/icu-messageformat-parser'

const root = join(import.meta.dirname, '..')
const [first, ...others] = ['en', 'nl', 'sv']
const wrong = []

function read(language) {
  const folder = join(root, 'locales', language)
  const texts = {}
  for (const file of readdirSync(folder).filter((name) => name.endsWith('.json'))) {
    const area = file.replace('.json', '')
    for (const [key, text] of Object.entries(
      JSON.parse(readFileSync(join(folder, file), 'utf8')),
    )) {
      if (!key.startsWith(`${area}.`))
        wrong.push(`${language}/${file}: ${key} must begin with ${area}.`)
      if (!text.trim()) wrong.push(`${language}/${file}: ${key} is empty`)
      texts[key] = text
    }
  }
  return texts
}

/** The arguments and tags of a text, with the ways of choosing by them. */
function places(nodes, found = new Set()) {
  for (const node of nodes) {
    if (node.type === TYPE.literal || node.type === TYPE.pound) continue
    const choices = node.type === TYPE.select ? Object.keys(node.options) : []
    found.add([TYPE[node.type], node.value, ...choices.sort()].join(' '))
    for (const option of Object.values(node.options ?? {})) places(option.value, found)
    if (node.children) places(node.children, found)
  }
  return found
}

function understood(language, key, text) {
  try {
    return [...places(parse(text))].sort().join(', ')
  } catch (error) {
    wrong.push(`${language}: ${key}: ${error.message}: ${text}`)
    return ''
  }
}

const english = read(first)
for (const language of others) {
  const texts = read(language)
  for (const key of Object.keys(texts)) {
    if (!(key in english)) wrong.push(`${language}: ${key} is not in ${first}`)
  }
  for (const [key, text] of Object.entries(english)) {
    if (!(key in texts)) {
      wrong.push(`${language}: ${key} is missing: ${text}`)
      continue
    }
    const [ours, theirs] = [understood(first, key, text), understood(language, key, texts[key])]
    if (ours !== theirs) wrong.push(`${language}: ${key} has «${theirs}», ${first} has «${ours}»`)
  }
}

const files = readdirSync(join(root, 'src'), { recursive: true }).filter((name) =>
  /\.tsx?$/.test(name),
)
const source = files.map((name) => readFileSync(join(root, 'src', name), 'utf8')).join('\n')
// A key that is put together (`explain.verdict.${…}`) uses every key that begins so.
const begun = [...source.matchAll(/`([a-z]+\.(?:[A-Za-z0-9-]+\.)*)\$\{/g)].map(([, text]) => text)
for (const key of Object.keys(english)) {
  const quoted = [`'${key}'`, `"${key}"`].some((text) => source.includes(text))
  if (!quoted && !begun.some((text) => key.startsWith(text))) wrong.push(`${key} is not used`)
}

if (wrong.length) {
  console.error(wrong.join('\n'))
  process.exit(1)
}
console.log(`texts: ${Object.keys(english).length} in ${others.length + 1} languages`)

// What can be taken away from a plan: tables for spreadsheets, and the wanted state for programs.

import type { Outcome, Outcomes } from './apply'
import type { Step } from './plan'

/** A cell that no spreadsheet takes for a formula, quoted where needed: as `pal report` writes them. */
export function cell(text: string): string {
  const safe = /^[\s]*[=+\-@\t\r]/.test(text) ? `'${text}` : text
  return /[",\r\n]/.test(safe) ? `"${safe.replaceAll('"', '""')}"` : safe
}

export const csv = (rows: string[][]) => rows.map((row) => `${row.map(cell).join(',')}\n`).join('')

const COLUMNS = [
  'directory',
  'domain',
  'tenant_id',
  'account',
  'action',
  'from',
  'to',
  'result',
  'reason',
]

/** A plan and what became of it. Its words are those of programs, in any language of the page. */
export function planCsv(steps: Step[], outcomes: Outcomes): string {
  const rows = steps.map(({ directory, action, from, to, reason }) => {
    const { tenantId, tenantName, domain, objectId, name } = directory
    const outcome = outcomes[tenantId]
    return [
      tenantName ?? '',
      domain ?? '',
      tenantId,
      name ?? objectId,
      action,
      from ?? '',
      to ?? '',
      outcome?.state ?? '',
      reason ?? why(outcome),
    ]
  })
  return csv([COLUMNS, ...rows])
}

function why(outcome: Outcome | undefined): string {
  if (outcome?.state !== 'failed') return ''
  const failure = outcome.why
  if (failure.kind === 'moved') return `moved: ${failure.to ?? 'not linked'}`
  if (failure.kind !== 'other') return failure.kind
  return failure.error instanceof Error ? failure.error.message : String(failure.error)
}

const PLAIN =
  /^(?:[1-9]\d*|(?:[a-z0-9-]+\.)+[a-z]{2,}|[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12})$/i

/** A text of YAML: as it is where nothing else can be read from it, else quoted. */
const scalar = (text: string) => (PLAIN.test(text) ? text : JSON.stringify(text))

/** The state that the plan leads to: which directories are linked to whom, and which to nobody. */
export function planYaml(steps: Step[]): string {
  const where = ({ directory }: Step) => scalar(directory.domain ?? directory.tenantId)
  const linked = steps.filter((one) => one.action !== 'cannot' && one.to !== null)
  const absent = steps.filter((one) => one.action !== 'cannot' && one.to === null)
  const partner = linked[0]?.to
  const lines = ['version: 1']
  if (partner) lines.push(`partner: ${scalar(partner)}`)
  if (linked.length) lines.push('links:', ...linked.map((one) => `  - directory: ${where(one)}`))
  if (absent.length) lines.push('absent:', ...absent.map((one) => `  - ${where(one)}`))
  return `${lines.join('\n')}\n`
}

/** Leaves a file with whoever looks at the page. */
export function download(name: string, type: string, text: string) {
  const address = URL.createObjectURL(new Blob([text], { type }))
  const anchor = document.createElement('a')
  anchor.href = address
  anchor.download = name
  anchor.click()
  setTimeout(() => URL.revokeObjectURL(address), 60_000)
}

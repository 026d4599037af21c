import type { Decimal } from '../i18n/amounts'

/** Who or what, by id; the name where it is known. */
export interface Named {
  id: string
  name: string | null
}

/** How far the times of a fact can be relied on. */
export interface Mark {
  /** There is no evidence of its start. */
  assumed?: boolean
  /** The lists lack it since then, without evidence that it ended. */
  unconfirmed_since?: string
}

/** A fact on the way from the charge to the partner. */
export interface Step extends Mark {
  step: 'grant' | 'delegation' | 'membership' | 'identity' | 'link' | 'partner'
  text: string
  during: string
  rule: string
  /** For operators: file and line. */
  fact?: string
}

/** A deny assignment that could not be judged: the role counts as not denied. */
export interface Note {
  code: 'deny-not-judged'
  why: 'not-actions' | 'role-actions'
  deny: string
  scope: string
  role: string
  text: string
  /** For operators: file and line. */
  fact?: string
}

export interface Path {
  when: string[]
  steps: Step[]
  notes?: Note[]
}

export type RoleClass = 'Owner' | 'Contributor' | 'Reader'

export interface Credited {
  partner: Named
  admin_type: RoleClass
  pec_eligible: boolean
  duplicate_in_global: boolean
  /** Covered and whole. */
  weight: [number, number]
  paths: Path[]
}

/** What the charges at the resource and below come to. Readers without money get no sums. */
export interface Amount {
  partner: string
  month: string
  currency: string
  charges: number
  cost?: Decimal
  credited_cost?: Decimal
  recomputed?: Decimal
  equal: boolean
}

export interface NotCredited {
  partner: Named
  reason: string
  checks: (Mark & {
    code: string
    state: 'ok' | 'fail' | 'skipped'
    found: string
    fact: string | null
  })[]
  nearest_change: string
  commands?: string[]
}

export type Verdict = 'fails' | 'passes' | 'does-not-apply' | 'outside' | 'not-asked'

/** One of the 28 causes. */
export interface Check extends Mark {
  number: number
  code: string
  verdict: Verdict
  detail: string
  fact: string | null
  change?: string
}

/** The answer of `GET /api/v1/explain`, which is that of `pal explain --format json`. */
export interface Explanation {
  resource: string
  from: string
  to: string
  policy: [name: string, revision: string]
  subscription: Named & Mark
  customer: (Named & Mark) | null
  chain: string[]
  amounts?: Amount[]
  credited: Credited[]
  not_credited: NotCredited[]
  outside: string[]
  checks?: Check[]
}

/** A partner in an answer, with all that is said of it. */
export interface PartnerPart {
  partner: Named
  credited: Credited | null
  missing: NotCredited | null
  /** One for each currency. */
  amounts: Amount[]
}

/** The answer by partner: those that are credited first. */
export function byPartner(answer: Explanation): PartnerPart[] {
  const amounts = (id: string) => answer.amounts?.filter((one) => one.partner === id) ?? []
  const parts: PartnerPart[] = [
    ...answer.credited.map((credited) => ({ partner: credited.partner, credited, missing: null })),
    ...answer.not_credited.map((missing) => ({
      partner: missing.partner,
      credited: null,
      missing,
    })),
  ].map((part) => ({ ...part, amounts: amounts(part.partner.id) }))
  const named = new Set(parts.map((part) => part.partner.id))
  for (const { partner } of answer.amounts ?? []) {
    if (named.has(partner)) continue
    named.add(partner)
    const only = { partner: { id: partner, name: null }, credited: null, missing: null }
    parts.push({ ...only, amounts: amounts(partner) })
  }
  return parts.sort((one, other) => rank(one) - rank(other))
}

const rank = (part: PartnerPart) => (part.amounts.length ? 0 : 2) + (part.credited ? 0 : 1)

const CLASSES: RoleClass[] = ['Owner', 'Contributor', 'Reader']

/** The ways of a credit, the best first: by class of the role, then the shorter one. */
export function bestFirst(paths: Path[]): Path[] {
  const place = (path: Path) => {
    const grant = path.steps.map(said).find((step) => step.kind === 'grant')
    const found = CLASSES.indexOf((grant?.class ?? 'Reader') as RoleClass)
    return (found < 0 ? CLASSES.length : found) * 100 + path.steps.length
  }
  return paths.toSorted((one, other) => place(one) - place(other))
}

/** What a step says, in parts, so that it can be said in another language. */
export type Said =
  | {
      kind: 'grant'
      holder: Named
      role: string
      class: string
      scope: string
      isConditional: boolean
      tenant: string | null
    }
  | { kind: 'membership' | 'inGroup'; group: Named; member: Named }
  | { kind: 'identity'; who: Named; type: string }
  | { kind: 'link'; who: Named; partner: string }
  | { kind: 'partner'; partner: string; name: string }
  | { kind: 'other' }

const GRANT =
  /^(.+) has the role (.+) \(class (\w+)\) at (.+?)( \(its condition is not evaluated, R24\))?(?:, delegated to tenant (\S+))?$/
const CONDITION = ' (its condition is not evaluated, R24)'

/** `name (id)`, or only an id. */
export function named(text: string): Named {
  const found = /^(.*) \(([^()]+)\)$/.exec(text)
  return found ? { id: found[2] ?? text, name: found[1] ?? null } : { id: text, name: null }
}

/** The parts of a step; a text of a form that is not known is shown as it is. */
export function said({ text }: Step): Said {
  const grant = GRANT.exec(text)
  if (grant) {
    const [, holder = '', role = '', level = '', scope = '', condition, tenant] = grant
    return {
      kind: 'grant',
      holder: named(holder),
      role,
      class: level,
      scope,
      isConditional: condition === CONDITION,
      tenant: tenant ?? null,
    }
  }
  const member = /^group (.+) has the member (.+)$/.exec(text)
  if (member) {
    return { kind: 'membership', group: named(member[1] ?? ''), member: named(member[2] ?? '') }
  }
  const inside = /^(.+) is in the group (.+), directly or by other groups$/.exec(text)
  if (inside) {
    return { kind: 'inGroup', member: named(inside[1] ?? ''), group: named(inside[2] ?? '') }
  }
  const identity = /^(.+) is an enabled (\w+)$/.exec(text)
  if (identity) return { kind: 'identity', who: named(identity[1] ?? ''), type: identity[2] ?? '' }
  const link = /^(.+) is linked to partner (\d+)$/.exec(text)
  if (link) return { kind: 'link', who: named(link[1] ?? ''), partner: link[2] ?? '' }
  const partner = /^partner (\d+) \((.+)\) is active$/.exec(text)
  if (partner) return { kind: 'partner', partner: partner[1] ?? '', name: partner[2] ?? '' }
  return { kind: 'other' }
}

/** When something holds, from `since …`, `until …`, `… to …`, `always`, or an instant. */
export function period(text: string): { from: string | null; to: string | null } | null {
  if (text === 'always') return { from: null, to: null }
  const found = /^(?:since (\S+)|until (\S+)|(\S+) to (\S+)|(\d\S*))$/.exec(text)
  if (!found) return null
  const [, since, until, from, to, instant] = found
  return { from: since ?? from ?? instant ?? null, to: until ?? to ?? instant ?? null }
}

/** How many hours of the period are covered, of how many. */
export function hours(answer: Explanation, [covered, whole]: [number, number]) {
  const length = (Date.parse(answer.to) - Date.parse(answer.from)) / 3_600_000
  return { covered: (length * covered) / whole, whole: length }
}

/** The first cause that fails, which decides. */
export const firstFailure = (checks: Check[] | undefined) =>
  checks?.toSorted((one, other) => one.number - other.number).find((one) => one.verdict === 'fails')

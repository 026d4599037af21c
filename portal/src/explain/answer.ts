import type { components } from '../api/schema'

type Schemas = components['schemas']

/** The answer of `GET /api/v1/explain`, which is that of `pal explain --format json`. */
export type Explanation = Schemas['Explanation']
export type Named = Schemas['Named']
export type Span = Schemas['Span']
export type Step = Schemas['PathStep']
export type Path = Schemas['PathExplanation']
export type Credited = Schemas['CreditedPartner']
export type NotCredited = Schemas['NotCredited']
export type Amount = Schemas['Amount']
export type Check = Schemas['Check']
/** Where a fact is, for operators, and how far its times can be relied on. */
export type Line = Pick<Check, 'fact' | 'assumed' | 'unconfirmed_since'>
export type Cause = Schemas['Cause']
export type Verdict = Schemas['Verdict']
export type Finding = Schemas['Finding']
export type Change = Schemas['Change']
export type Excluded = Schemas['Excluded']

/** What a sentence is about. */
export type Noun =
  | Named
  | Span
  | Schemas['Role']
  | Schemas['Scope']
  | Schemas['Times']
  | Schemas['Holders']

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

const CLASSES = ['Owner', 'Contributor', 'Reader']

/** The ways of a credit, the best first: by class of the role, then the shorter one. */
export function bestFirst(paths: Path[]): Path[] {
  const place = ({ steps }: Path) => {
    const [grant] = steps
    const found = grant && 'class' in grant ? CLASSES.indexOf(grant.class) : -1
    return (found < 0 ? CLASSES.length : found) * 100 + steps.length
  }
  return paths.toSorted((one, other) => place(one) - place(other))
}

/** How many hours of the period are covered, of how many. */
export function hours(answer: Explanation, [covered = 0, whole = 1]: number[]) {
  const length = (Date.parse(answer.to) - Date.parse(answer.from)) / 3_600_000
  return { covered: (length * covered) / whole, whole: length }
}

/** The first cause that fails, which decides. */
export const firstFailure = (checks: Check[] | null | undefined) =>
  checks?.find((one) => one.verdict === 'fails')

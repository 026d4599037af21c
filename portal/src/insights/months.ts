import type { IntlShape } from 'react-intl'

/** A calendar month, `2026-10`. Months are those of UTC, and sort as text. */
export type Month = string

/** From a month to a month, both included. */
export interface Months {
  from: Month
  to: Month
}

const number = (month: Month) => {
  const [year = 0, of = 1] = month.split('-').map(Number)
  return year * 12 + of - 1
}

const month = (value: number): Month => {
  const year = String(Math.floor(value / 12)).padStart(4, '0')
  return `${year}-${String((value % 12) + 1).padStart(2, '0')}`
}

export const addMonths = (to: Month, many: number): Month => month(number(to) + many)

export const countMonths = ({ from, to }: Months) => number(to) - number(from) + 1

export const listMonths = (months: Months): Month[] =>
  Array.from({ length: countMonths(months) }, (_, index) => addMonths(months.from, index))

/** As many months, just before. */
export const monthsBefore = (months: Months): Months => {
  const many = countMonths(months)
  return { from: addMonths(months.from, -many), to: addMonths(months.from, -1) }
}

export const sameMonths = (one: Months, other: Months) =>
  one.from === other.from && one.to === other.to

/** As the API takes it. */
export const asParameter = ({ from, to }: Months) => (from === to ? from : `${from}..${to}`)

/** The month of an instant, which is written in UTC. */
export const monthOf = (instant: string): Month => instant.slice(0, 7)

/** The last month that has all its usage, if usage is complete until then. */
export const lastWhole = (completeUntil: string): Month => addMonths(monthOf(completeUntil), -1)

/** The last month that has any. */
export const lastBegun = (completeUntil: string): Month =>
  monthOf(new Date(Date.parse(completeUntil) - 1).toISOString())

export const DEFAULT_PERIOD = '6m'

/** The months of a period; `whole` = the last whole month, with which `3m` and its kind end. */
export function monthsOf(period: string | undefined, whole: Month): Months {
  const asked = period ?? DEFAULT_PERIOD
  if (asked.endsWith('m')) {
    return { from: addMonths(whole, 1 - Number.parseInt(asked, 10)), to: whole }
  }
  const [from = whole, to = from] = asked.split('..')
  return { from, to }
}

export interface Comparison {
  now: Months
  before: Months
}

/**
 * What growth compares: the months with as many before them, if something was credited then
 * already (`first` = the first month of all that has credit); else their last two months.
 */
export function comparison(months: Months, first: Month): Comparison | null {
  const before = monthsBefore(months)
  if (first <= before.from) return { now: months, before }
  const last = { from: months.to, to: months.to }
  const previous = monthsBefore(last)
  return first <= previous.from ? { now: last, before: previous } : null
}

const date = (of: Month) => new Date(`${of}-01T00:00:00Z`)

export const monthName = (intl: IntlShape, of: Month, form: 'long' | 'short' = 'long') =>
  new Intl.DateTimeFormat(intl.locale, {
    year: 'numeric',
    month: form,
    timeZone: 'UTC',
  }).format(date(of))

/** Under an axis, where there is little room. */
export const monthMark = (intl: IntlShape, of: Month) =>
  new Intl.DateTimeFormat(intl.locale, { month: 'short', timeZone: 'UTC' }).format(date(of))

export const monthsName = (intl: IntlShape, { from, to }: Months) =>
  new Intl.DateTimeFormat(intl.locale, {
    year: 'numeric',
    month: 'long',
    timeZone: 'UTC',
  }).formatRange(date(from), date(to))

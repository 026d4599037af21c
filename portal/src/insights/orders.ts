import type { IntlShape } from 'react-intl'
import { exact } from '../i18n/amounts'
import type { Row } from './reports'

type Text = string | null | undefined

/** As people of the language sort; what has no text comes last. */
export const byText =
  <Of>(intl: IntlShape, of: (row: Of) => Text) =>
  (one: Of, other: Of) => {
    const [a, b] = [of(one), of(other)]
    if (a == null || b == null) return Number(a == null) - Number(b == null)
    return new Intl.Collator(intl.locale, { numeric: true }).compare(a, b)
  }

export const byNumber =
  <Of>(of: (row: Of) => number | null) =>
  (one: Of, other: Of) =>
    (of(one) ?? Number.NEGATIVE_INFINITY) - (of(other) ?? Number.NEGATIVE_INFINITY) || 0

/** By currency first: 5 EUR are not less than 6 USD. The other way round in a falling order. */
export const byMoney =
  <Of>(of: (row: Of) => { amount?: string; currency?: Text }) =>
  (one: Of, other: Of) => {
    const [a, b] = [of(one), of(other)]
    const currency = (b.currency ?? '').localeCompare(a.currency ?? '', 'en')
    if (currency) return currency
    const more = exact(a.amount ?? '0') - exact(b.amount ?? '0')
    return more > 0n ? 1 : more < 0n ? -1 : 0
  }

export const credited = (row: Row) => ({ amount: row.credited_cost, currency: row.currency })

import type { IntlShape } from 'react-intl'
import { type Decimal, exact, money } from '../i18n/amounts'
import { listMonths, type Month, type Months, monthName } from './months'
import type { Row } from './reports'

/** What was credited in a month; `null` = nobody knows yet, or nothing was there to be known. */
export interface Point {
  month: Month
  amount: Decimal | null
}

/**
 * All months of a currency. A month without a row is nothing credited, unless it is before the
 * first of all months with credit, or usage does not reach it.
 */
export function pointsOf(rows: Row[], currency: string, months: Months, first: Month, last: Month) {
  const of = new Map(
    rows.filter((row) => row.currency === currency).map((row) => [row.month, row.credited_cost]),
  )
  return listMonths(months).map((month): Point => {
    const isKnown = first <= month && month <= last
    return { month, amount: of.get(month) ?? (isKnown ? '0' : null) }
  })
}

/** The course of a chart in one sentence, from the exact figures. */
export function summary(intl: IntlShape, points: Point[], currency: string): string {
  const known = points.filter((point) => point.amount !== null)
  const [from, to] = [known.at(0), known.at(-1)]
  if (!from?.amount || !to?.amount) return ''
  const more = exact(to.amount) - exact(from.amount)
  const how = known.length === 1 ? 'one' : more > 0n ? 'rose' : more < 0n ? 'fell' : 'same'
  return intl.formatMessage(
    { id: 'insights.trend.summary' },
    {
      how,
      from: money(intl, from.amount, currency),
      to: money(intl, to.amount, currency),
      first: monthName(intl, from.month),
      last: monthName(intl, to.month),
    },
  )
}

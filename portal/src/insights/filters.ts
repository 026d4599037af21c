import { useQuery } from '@tanstack/react-query'
import { useNavigate, useSearch } from '@tanstack/react-router'
import { createContext, use } from 'react'
import { readBalance, readRows } from '../api/reports'
import type { Roles } from '../api/session'
import { fold } from '../parts/fold'
import { useSigned } from '../shell/Signed'
import {
  type Comparison,
  comparison,
  lastBegun,
  lastWhole,
  listMonths,
  type Month,
  type Months,
  monthsOf,
} from './months'
import { address, type Column, parameters, type Query, type Row } from './reports'
import type { InsightsSearch, View } from './search'

/** As whom somebody can look. The first is taken, if the address does not say. */
export function viewsOf(roles: Roles): View[] {
  const views = [
    roles.viewer && 'partner',
    roles.operator && 'operator',
    roles.auditor && 'customer',
  ] as const
  return views.filter((view) => view !== false)
}

/** The filters in the address, and the way to others. */
export function useFilters() {
  const search = useSearch({ from: '/insights' })
  const navigate = useNavigate({ from: '/insights' })
  const set = (part: InsightsSearch) =>
    navigate({ search: (before: InsightsSearch) => ({ ...before, ...part }), resetScroll: false })
  return { search, set }
}

/** What the reader can choose from, and how far usage reaches. */
export interface Scope {
  as: View
  completeUntil: string | null
  knownAt: string
  /** Months that can be chosen, the newest first. */
  choices: Month[]
  /** The first month in which anything is credited. */
  first: Month
  locations: { id: string; name: string | null }[]
  customers: { id: string; name: string | null }[]
  /** The months that are shown. */
  months: Months
  compared: Comparison | null
}

export const Shown = createContext<Scope | null>(null)

/** What is shown. There is one wherever reports are. */
export function useScope(): Scope {
  const scope = use(Shown)
  if (!scope) throw new Error('nothing is chosen')
  return scope
}

const LOCATIONS = ['month', 'partner_id', 'partner_name'] as const
const CUSTOMERS = ['customer_tenant_id', 'customer_tenant_name'] as const

const named = (rows: Row[], id: keyof Row, name: keyof Row) => [
  ...new Map(
    rows.map((row) => [
      fold(String(row[id])),
      { id: String(row[id]), name: row[name] == null ? null : String(row[name]) },
    ]),
  ).values(),
]

/** The choices of a reader, over all time. */
export function useChoices(as: View | undefined) {
  const locations = useReportOf(as && { as, groupBy: LOCATIONS })
  const customers = useReportOf(as && { as, groupBy: CUSTOMERS })
  return { locations, customers }
}

type Choices = ReturnType<typeof useChoices>

/** What is shown of these choices for a period; `null` as long as there is no usage at all. */
export function scopeOf(as: View, { locations, customers }: Choices, period?: string) {
  const answer = locations.data
  if (!answer?.completeUntil || !customers.data) return null
  const months = monthsOf(period, lastWhole(answer.completeUntil))
  const begun = lastBegun(answer.completeUntil)
  const first = answer.value[0]?.month ?? begun
  const scope: Scope = {
    as,
    completeUntil: answer.completeUntil,
    knownAt: answer.knownAt,
    choices: listMonths({ from: first, to: begun }).reverse(),
    first,
    locations: named(answer.value, 'partner_id', 'partner_name'),
    customers: named(customers.data.value, 'customer_tenant_id', 'customer_tenant_name'),
    months,
    compared: comparison(months, first),
  }
  return scope
}

/** A report. None is asked for without a query. */
export function useReportOf(query: Query | undefined) {
  const { account } = useSigned().session
  return useQuery({
    queryKey: ['insights', account.tenantId, query && address(query)],
    queryFn: () => (query ? readRows(parameters(query)) : Promise.reject()),
    enabled: query !== undefined,
  })
}

/** The balance of the whole service. For operators. */
export function useBalance(months: Months) {
  const { account } = useSigned().session
  return useQuery({
    queryKey: ['insights', account.tenantId, 'balance', months],
    queryFn: () => readBalance(parameters({ as: 'operator', months, groupBy: 'balance' })),
  })
}

/** The report that the filters ask for, in other months if said; `null` = none. */
export function useReport(groupBy: readonly Column[], months?: Months | null) {
  return useReportOf(useReportQuery(groupBy, months) ?? undefined)
}

export function useReportQuery(groupBy: readonly Column[], months?: Months | null): Query | null {
  const { search } = useFilters()
  const scope = useScope()
  if (months === null) return null
  const { location, customer } = search
  return { as: scope.as, months: months ?? scope.months, location, customer, groupBy }
}

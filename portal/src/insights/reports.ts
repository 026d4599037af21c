import { readPages } from '../api/client'
import type { Decimal } from '../i18n/amounts'
import { asParameter, type Months } from './months'
import type { View } from './search'

/** Columns by which a report is made. */
export type Column =
  | 'month'
  | 'partner_id'
  | 'partner_name'
  | 'admin_type'
  | 'pec_eligible'
  | 'customer_tenant_id'
  | 'customer_tenant_name'
  | 'subscription_id'
  | 'subscription_name'
  | 'resource_group'
  | 'service_category'
  | 'service_name'
  | 'currency'

/** A row of a report. The amounts are missing where the reader sees no money. */
export type Row = { [Key in Exclude<Column, 'pec_eligible'>]?: string | null } & {
  pec_eligible?: 0 | 1
  charges: number
  credited_cost?: Decimal
}

/** A line of the balance. */
export interface Line {
  month: string
  currency: string | null
  line: 'total' | 'excluded' | 'consumed' | 'credited' | 'uncredited'
  reason: string | null
  charges: number
  amount: Decimal
}

export interface Answer<Of = Row> {
  value: Of[]
  completeUntil: string | null
  knownAt: string
  /** Whether a charge counts once for an organisation, or for each of its locations. */
  duplicates?: 'counted' | 'left-out'
  /** There are more rows than were read. */
  isCut: boolean
}

export interface Query {
  as: View
  /** All months, if not said. */
  months?: Months
  location?: string
  customer?: string
  groupBy: readonly Column[] | 'balance'
}

export type Format = 'csv' | 'json' | 'parquet'

/** The address of a report: in pages, or as a file. */
export function address({ as, months, location, customer, groupBy }: Query, format?: Format) {
  const query = new URLSearchParams({ as })
  if (months) query.set('month', asParameter(months))
  if (location) query.set('partner', location)
  if (customer) query.set('customer', customer)
  if (groupBy === 'balance') query.set('balance', 'true')
  else query.set('group_by', groupBy.join())
  if (format) query.set('format', format)
  return `/api/v1/reports?${query}`
}

/** More would be too much for a page; a download has all of them. */
export const LIMIT = 20_000

export const readReport = <Of = Row>(query: Query) =>
  readPages<Of, Answer<Of>>(address(query), LIMIT)

/** Whether the reader sees money; of no rows nobody knows. */
export const hasMoney = (rows: Row[]) => rows[0]?.credited_cost !== undefined

/** Each value once, in the order of the rows. */
export const distinct = <Of>(rows: Row[], of: (row: Row) => Of) => [...new Set(rows.map(of))]

/** The currencies of rows. Amounts of two are never added, compared or drawn together. */
export const currencies = (rows: Row[]) => distinct(rows, (row) => row.currency ?? '').sort()

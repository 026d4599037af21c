import type { Line, Parameters, Row } from '../api/reports'
import { asParameter, type Months } from './months'
import type { View } from './search'

export { LIMIT, type Report } from '../api/reports'
export type { Line, Row }

/** Columns by which a report is made. */
export type Column = Exclude<keyof Row, 'charges' | 'cost' | 'credited_cost'>

export interface Query {
  as: View
  /** All months, if not said. */
  months?: Months
  location?: string
  customer?: string
  groupBy: readonly Column[] | 'balance'
}

export type Format = 'csv' | 'json' | 'parquet'

/** What is asked of the service. */
export const parameters = ({ as, months, location, customer, groupBy }: Query): Parameters => ({
  as,
  ...(months && { month: asParameter(months) }),
  ...(location && { partner: location }),
  ...(customer && { customer }),
  ...(groupBy === 'balance' ? { balance: 'true' } : { group_by: groupBy.join() }),
})

/** The address of a report: in pages, or as a file. */
export const address = (query: Query, format?: Format) =>
  `/api/v1/reports?${new URLSearchParams({ ...parameters(query), ...(format && { format }) })}`

/** Whether the reader sees money; of no rows nobody knows. */
export const hasMoney = (rows: Row[]) => rows[0]?.credited_cost !== undefined

/** Each value once, in the order of the rows. */
export const distinct = <Of>(rows: Row[], of: (row: Row) => Of) => [...new Set(rows.map(of))]

/** The currencies of rows. Amounts of two are never added, compared or drawn together. */
export const currencies = (rows: Row[]) => distinct(rows, (row) => row.currency ?? '').sort()

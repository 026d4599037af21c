import { fold } from '../parts/fold'
import type { Judged } from './columns'
import { useReport, useScope } from './filters'
import type { Column, Row } from './reports'
import { bestRole, index } from './roles'

/** Rows of a grouping, with their roles and what they are compared with. */
export function useJudged(
  groupBy: readonly Column[],
  roleColumns: readonly Column[],
  key: (row: Row) => string,
) {
  const { compared } = useScope()
  const rows = useReport(groupBy)
  const roles = useReport(roleColumns)
  const now = useReport(groupBy, compared?.now ?? null)
  const before = useReport(groupBy, compared?.before ?? null)
  const of = (answer: typeof rows) => index(answer.data?.value ?? [], key)
  const [rolesOf, nowOf, beforeOf] = [of(roles), of(now), of(before)]
  const judged = (rows.data?.value ?? []).map(
    (row): Judged => ({
      ...row,
      best: bestRole(rolesOf.get(fold(key(row))) ?? []),
      now: nowOf.get(fold(key(row)))?.[0]?.credited_cost,
      before: beforeOf.get(fold(key(row)))?.[0]?.credited_cost,
    }),
  )
  const here = index(rows.data?.value ?? [], key)
  const gone = (before.data?.value ?? []).filter((row) => !here.has(fold(key(row))))
  return { queries: [rows, roles, now, before], answer: rows.data, judged, gone }
}

import { useQuery } from '@tanstack/react-query'
import { api, readPages } from '../api/client'
import { readRows } from '../api/reports'
import type { components } from '../api/schema'
import { useSigned } from '../shell/Signed'

type Schemas = components['schemas']
export type Link = Schemas['Link']
export type Alert = Schemas['Alert']

/** The key of everything that an auditor is shown. */
export const AUDIT = ['directory']

/** More than anybody reads, and not more than a browser shows. */
const LIMIT = 5000

/** Who is linked in this directory, or by a delegation from it, and what partners see of it. */
export function useLinked() {
  const { account } = useSigned().session
  return useQuery({
    queryKey: [...AUDIT, account.tenantId, 'access'],
    queryFn: () => readPages(LIMIT, (query) => api.GET('/api/v1/access', { params: { query } })),
  })
}

export function useAlerts() {
  const { account } = useSigned().session
  return useQuery({
    queryKey: [...AUDIT, account.tenantId, 'alerts'],
    queryFn: () => readPages(LIMIT, (query) => api.GET('/api/v1/alerts', { params: { query } })),
  })
}

/** The credit of the last month that is complete, by partner; its `month` is `null` without usage. */
export function useCredit() {
  const { account } = useSigned().session
  return useQuery({
    queryKey: [...AUDIT, account.tenantId, 'credit'],
    // A report is computed for it, and written into the audit log.
    staleTime: 300_000,
    queryFn: async () => {
      const group_by = 'month,partner_id,currency'
      const { value, completeUntil } = await readRows({ as: 'customer', group_by })
      const month = lastFullMonth(completeUntil)
      return { month, rows: value.filter((row) => row.month === month) }
    },
  })
}

/** The last month that ends before usage does, as `2026-10`. */
export function lastFullMonth(completeUntil: string | null): string | null {
  if (!completeUntil || Number.isNaN(Date.parse(completeUntil))) return null
  const first = new Date(completeUntil)
  first.setUTCDate(1)
  first.setUTCMonth(first.getUTCMonth() - 1)
  return first.toISOString().slice(0, 7)
}

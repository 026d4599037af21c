import { useQuery } from '@tanstack/react-query'
import { type Row, readRows } from '../api/reports'
import { useSigned } from '../shell/Signed'

/** The last month of each directory in which something was credited, as far as the viewer may see. */
export function useCredited() {
  const { account, roles } = useSigned().session
  return useQuery({
    queryKey: ['credited', account.tenantId],
    enabled: roles.viewer,
    // A report is computed for it, and written into the audit log.
    staleTime: 300_000,
    queryFn: async () => {
      const found = await readRows({ as: 'partner', group_by: 'customer_tenant_id,month' })
      return lastMonths(found.value)
    },
  })
}

export function lastMonths(rows: Row[]) {
  const last: Record<string, string> = {}
  for (const { customer_tenant_id: tenant, month } of rows) {
    if (tenant && month && month > (last[tenant] ?? '')) last[tenant] = month
  }
  return last
}

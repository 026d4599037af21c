import { useQuery } from '@tanstack/react-query'
import { api } from '../api/client'
import { useSigned } from '../shell/Signed'

interface Row {
  customer_tenant_id: string
  month: string
}

/** The last month of each directory in which something was credited, as far as the viewer may see. */
export function useCredited() {
  const { account, roles } = useSigned().session
  return useQuery({
    queryKey: ['credited', account.tenantId],
    enabled: roles.viewer,
    // A report is computed for it, and written into the audit log.
    staleTime: 300_000,
    queryFn: async () => {
      const query = { as: 'partner', group_by: 'customer_tenant_id,month', format: 'json' } as const
      const found = await api.GET('/api/v1/reports', { params: { query } })
      return lastMonths((found.data ?? []) as unknown as Row[])
    },
  })
}

export function lastMonths(rows: Row[]) {
  const last: Record<string, string> = {}
  for (const { customer_tenant_id: tenant, month } of rows) {
    if (month > (last[tenant] ?? '')) last[tenant] = month
  }
  return last
}

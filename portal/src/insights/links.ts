import { useQuery } from '@tanstack/react-query'
import { use } from 'react'
import { api, type PageQuery, readPages } from '../api/client'
import type { components } from '../api/schema'
import { useSigned } from '../shell/Signed'
import { Shown, useFilters } from './filters'
import { LIMIT } from './reports'

type Schemas = components['schemas']

export type Link = Schemas['Link']
/** An account, and what it sees. */
export type Account = Schemas['Gap']
export type Alert = Schemas['Alert']

function useList<Answer>(name: string, mayRead: boolean, read: () => Promise<Answer>) {
  const { account } = useSigned().session
  return useQuery({
    queryKey: ['insights', account.tenantId, name],
    queryFn: read,
    enabled: mayRead,
  })
}

/** Who is linked. For link administrators and operators. */
export function useLinks() {
  const { roles } = useSigned().session
  const mayRead = roles.linkAdministrator || roles.operator
  const page = (query: PageQuery) => api.GET('/api/v1/links', { params: { query } })
  return { mayRead, query: useList('links', mayRead, () => readPages(LIMIT, page)) }
}

/** Those of the location and customer that are chosen; of an operator who looks as a partner, the partner's. */
export function useShownLinks() {
  const { roles } = useSigned().session
  const { search } = useFilters()
  const scope = use(Shown)
  const { mayRead, query } = useLinks()
  const own =
    scope?.as === 'partner' && !roles.linkAdministrator
      ? scope.locations.map((location) => location.id)
      : null
  const links = (query.data?.value ?? []).filter(
    (link) =>
      (!search.location || link.partnerId === search.location) &&
      (!own || own.includes(link.partnerId)) &&
      (!search.customer || tenantsOf(link).includes(search.customer)),
  )
  return { mayRead, query, links }
}

/** The directories that an account is in or sees. */
export const tenantsOf = (account: Account) =>
  [account.tenantId, ...account.subscriptions.map((one) => one.tenantId)].map((id) =>
    id.toLowerCase(),
  )

/** Accounts of the partner that have access and no link. */
export const useGaps = (mayRead: boolean) =>
  useList('gaps', mayRead, () =>
    readPages(LIMIT, (query) => api.GET('/api/v1/links/gaps', { params: { query } })),
  )

/** What will be lost, or is. */
export const useAlerts = (mayRead: boolean) =>
  useList('alerts', mayRead, () =>
    readPages(LIMIT, (query) => api.GET('/api/v1/alerts', { params: { query } })),
  )

import { useInfiniteQuery, useQuery } from '@tanstack/react-query'
import { api, given, type PageQuery, readPages, tokenOf } from '../api/client'
import type { components } from '../api/schema'
import { directoryName } from '../api/session'
import { useSigned } from '../shell/Signed'
import type { Action } from './search'

type Schemas = components['schemas']
export type Checkpoint = Schemas['AuditCheckpoint']
export type Partner = Schemas['Partner']
export type AuditReport = Schemas['AuditReport']
export type Who = Schemas['Who']

export type AuditRecord = Schemas['AuditRecord']
export type UsageMonth = Schemas['Month']
export type UsageImport = Schemas['UsageImport']

/** The key of everything that an operator is shown. */
export const OPERATOR = ['operator']

const PAGE = '25'

/** A list that is read page by page, as somebody asks for more of it. */
function usePaged<Entry>(
  key: unknown[],
  read: (page: PageQuery) => Promise<{ data?: { value: Entry[]; nextLink?: string } }>,
) {
  const { account } = useSigned().session
  return useInfiniteQuery({
    queryKey: [...OPERATOR, account.tenantId, ...key],
    queryFn: async ({ pageParam }) => given(await read({ $top: PAGE, $skiptoken: pageParam })),
    initialPageParam: undefined as string | undefined,
    getNextPageParam: (last) => tokenOf(last.nextLink),
    refetchOnWindowFocus: false,
  })
}

export const useImports = () =>
  usePaged(['imports'], (query) => api.GET('/api/v1/usage/imports', { params: { query } }))

export const useRecords = (action: Action | undefined) =>
  usePaged(['audit', action], (page) =>
    api.GET('/api/v1/audit', { params: { query: { ...page, action } } }),
  )

export const usePartners = () =>
  usePaged(['partners'], (query) => api.GET('/api/v1/partners', { params: { query } }))

export function useCheckpoints() {
  const { account } = useSigned().session
  return useQuery({
    queryKey: [...OPERATOR, account.tenantId, 'checkpoints'],
    queryFn: async () => {
      const query = { $top: '10' }
      return given(await api.GET('/api/v1/audit/checkpoints', { params: { query } }))
    },
  })
}

export function useMonths() {
  const { account } = useSigned().session
  return useQuery({
    queryKey: [...OPERATOR, account.tenantId, 'months'],
    queryFn: async () => given(await api.GET('/api/v1/usage')).value.toReversed(),
  })
}

/** Whether the service can take changes now. */
export const useReady = () =>
  useQuery({
    queryKey: ['ready'],
    queryFn: async () => {
      const response = await fetch('/readyz')
      await response.text()
      return response.ok
    },
    refetchInterval: 30_000,
  })

/** So many accounts are known by name; others are called as in the records. */
const NAMED = 5000

/** Names for what records have numbers of: accounts that are linked, and their directories. */
export function useNames() {
  const { account, directories } = useSigned().session
  const links = useQuery({
    queryKey: [...OPERATOR, account.tenantId, 'links'],
    queryFn: () => readPages(NAMED, (query) => api.GET('/api/v1/links', { params: { query } })),
    staleTime: 300_000,
  })
  const people = new Map([[account.objectId, account.name]])
  const places = new Map(directories.map((one) => [one.tenantId, directoryName(one)]))
  for (const link of links.data?.value ?? []) {
    people.set(link.objectId, link.name)
    if (link.tenantName) places.set(link.tenantId, link.tenantName)
  }
  return {
    directory: (tenantId: string) => places.get(tenantId) ?? tenantId,
    person: (who: Who) => people.get(who.objectId) ?? who.objectId,
  }
}

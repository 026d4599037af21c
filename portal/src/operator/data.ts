import { useInfiniteQuery, useQuery } from '@tanstack/react-query'
import { api, readPages } from '../api/client'
import type { components } from '../api/schema'
import { directoryName } from '../api/session'
import { useSigned } from '../shell/Signed'
import type { Action } from './search'

type Schemas = components['schemas']
export type Checkpoint = Schemas['AuditCheckpoint']
export type Partner = Schemas['Partner']
export type AuditReport = Schemas['AuditReport']
export type Who = Schemas['Who']

/** A record of the audit log. */
export type AuditRecord = Omit<Schemas['AuditRecord'], 'action' | 'detail'> & {
  /** One of `Action`, or of a newer service. */
  action: string
  detail: Record<string, unknown>
}

/** A month of usage. */
export interface UsageMonth {
  month: string
  subscriptions: number
  rows: number
  /** By currency. */
  costs: Record<string, string>
  edition: number
  completeUntil: string | null
  known: string
  imports: number[]
}

/** Files that were taken in at once. */
export interface UsageImport {
  number: number
  at: string
  name: string
  state: 'counted' | 'unchanged' | 'refused' | 'withdrawn'
  reason: string | null
  rows: number
  files: { name: string; sha256: string; bytes: number; rows: number }[]
}

/** The key of everything that an operator is shown. */
export const OPERATOR = ['operator']

const PAGE = '25'

interface Part<Entry> {
  value: Entry[]
  nextLink?: string
}

/** Where the next page begins, as its address says. */
export const tokenOf = (nextLink: string | undefined) =>
  nextLink ? (new URL(nextLink).searchParams.get('$skiptoken') ?? undefined) : undefined

/** A list that is read page by page, as somebody asks for more of it. */
function usePaged<Entry>(key: unknown[], read: (page: PageQuery) => Promise<unknown>) {
  const { account } = useSigned().session
  return useInfiniteQuery({
    queryKey: [...OPERATOR, account.tenantId, ...key],
    queryFn: async ({ pageParam }) =>
      (await read({ $top: PAGE, $skiptoken: pageParam })) as Part<Entry>,
    initialPageParam: undefined as string | undefined,
    getNextPageParam: (last) => tokenOf(last.nextLink),
    refetchOnWindowFocus: false,
  })
}

interface PageQuery {
  $top: string
  $skiptoken?: string
}

export const useImports = () =>
  usePaged<UsageImport>(['imports'], async (query) => {
    return (await api.GET('/api/v1/usage/imports', { params: { query } })).data
  })

export const useRecords = (action: Action | undefined) =>
  usePaged<AuditRecord>(['audit', action], async (page) => {
    // The schema that is built in may be older than the action.
    const query = { ...page, action: action as 'link-create' | undefined }
    return (await api.GET('/api/v1/audit', { params: { query } })).data
  })

export const usePartners = () =>
  usePaged<Partner>(['partners'], async (query) => {
    return (await api.GET('/api/v1/partners', { params: { query } })).data
  })

export function useCheckpoints() {
  const { account } = useSigned().session
  return useQuery({
    queryKey: [...OPERATOR, account.tenantId, 'checkpoints'],
    queryFn: async () => {
      const query = { $top: '10' }
      return (await api.GET('/api/v1/audit/checkpoints', { params: { query } })).data ?? null
    },
  })
}

export function useMonths() {
  const { account } = useSigned().session
  return useQuery({
    queryKey: [...OPERATOR, account.tenantId, 'months'],
    queryFn: async () => {
      const found = (await api.GET('/api/v1/usage')).data as unknown as { value: UsageMonth[] }
      return found.value.toReversed()
    },
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
    queryFn: () => readPages<Schemas['Link'], Schemas['Links']>('/api/v1/links', NAMED),
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

import { useQuery } from '@tanstack/react-query'
import { api, given, readOwnDirectories } from '../api/client'
import { ApiError } from '../api/errors'
import { readRows } from '../api/reports'
import type { components } from '../api/schema'
import type { Session } from '../api/session'
import { fold, isSameName } from '../parts/fold'
import { useSigned } from '../shell/Signed'
import { monthBefore, type Reader } from './question'
import { isClear, type Resource, resourceOf } from './resource'

/** A subscription to choose. */
export interface Choice {
  subscription: string
  name: string | null
  tenantId: string
  customer: string | null
}

/** What there is to choose from. Anything else can be typed. */
export interface Choices {
  subscriptions: Choice[]
  partners: { id: string; name: string | null }[]
  months: string[]
  /** The newest month of which all charges are in. */
  complete: string | null
}

const NONE: Choices = { subscriptions: [], partners: [], months: [], complete: null }

/** Of how many rows of a report. */
const MOST = 1000

/** Of how many directories of the person subscriptions are offered. */
const MANY = 20

/** Empty where the person may not read it: what is offered is help, not an answer. */
async function orNone<T>(read: Promise<T[]>): Promise<T[]> {
  try {
    return await read
  } catch (error) {
    if (error instanceof ApiError && error.status < 500) return []
    throw error
  }
}

const asChoice = (seen: components['schemas']['Subscription']): Choice => ({
  subscription: seen.subscriptionId,
  name: seen.displayName,
  tenantId: seen.tenantId,
  customer: null,
})

/** What the person's accounts see, each in its own directory. */
async function own(): Promise<Choice[]> {
  const directories = await readOwnDirectories()
  const seeing = directories.filter((one) => one.access.subscriptions > 0).slice(0, MANY)
  const lists = seeing.map(async ({ tenantId }) => {
    const headers = { 'x-openpal-directory': tenantId }
    const me = await api.GET('/api/v1/me', { headers })
    return (me.data?.subscriptions ?? []).map(asChoice)
  })
  return (await Promise.all(lists.map(orNone))).flat()
}

/** Those that linked accounts see: a subscription that earns nothing is in no report. */
const linked = async (): Promise<Choice[]> => {
  const found = await api.GET('/api/v1/links', { params: { query: { $top: '1000' } } })
  const seen = (found.data?.value ?? []).flatMap((link) => link.subscriptions)
  return seen.map(asChoice)
}

const allPartners = async () => {
  const found = await api.GET('/api/v1/partners', { params: { query: { $top: '1000' } } })
  const locations = (found.data?.value ?? []).filter((one) => one.type !== 'global')
  return locations.map((one) => ({ id: one.partnerId, name: one.name ?? null }))
}

async function readChoices(as: Reader, { roles, directories }: Session): Promise<Choices> {
  const by = (group_by: string) => readRows({ as, group_by }, MOST)
  const [credited, partners, months, mine, links, all] = await Promise.all([
    by('customer_tenant_id,customer_tenant_name,subscription_name,subscription_id'),
    by('partner_id,partner_name'),
    by('month'),
    orNone(own()),
    roles.operator || roles.linkAdministrator ? orNone(linked()) : [],
    as === 'operator' ? orNone(allPartners()) : [],
  ])
  const found = credited.value.map((row) => ({
    subscription: row.subscription_id ?? '',
    name: row.subscription_name ?? null,
    tenantId: row.customer_tenant_id ?? '',
    customer: row.customer_tenant_name ?? null,
  }))
  const names = new Map(directories.map((one) => [fold(one.tenantId), one.tenantName]))
  for (const { tenantId, customer } of found)
    names.set(fold(tenantId), customer ?? names.get(fold(tenantId)) ?? null)
  const named = (one: Choice) => ({ ...one, customer: names.get(fold(one.tenantId)) ?? null })
  const ids = partners.value.map((row) => ({
    id: row.partner_id ?? '',
    name: row.partner_name ?? null,
  }))
  return {
    subscriptions: once([...found, ...links, ...mine].map(named), (one) => one.subscription),
    partners: once([...ids, ...all], (one) => one.id),
    months: months.value.map((row) => row.month ?? ''),
    complete: credited.completeUntil && monthBefore(credited.completeUntil),
  }
}

/** The first of each; those without a key (which a customer hides) are left out. */
function once<T>(list: T[], key: (one: T) => string): T[] {
  const first = new Map<string, T>()
  for (const one of list) {
    const name = fold(key(one))
    if (name && !first.has(name)) first.set(name, one)
  }
  return [...first.values()]
}

/** `isReady` once it is known what there is to choose from. */
export function useChoices(as: Reader): Choices & { isReady: boolean } {
  const { session } = useSigned()
  const found = useQuery({
    queryKey: ['choices', session.account.tenantId, as],
    queryFn: () => readChoices(as, session),
    staleTime: 300_000,
  })
  return { ...(found.data ?? NONE), isReady: !found.isPending }
}

/** What the service is asked. */
export interface Asked {
  resource: string
  month: string
  partner?: string
  as: Reader
}

/** The answer. */
export function useExplanation(asked: Asked | null) {
  const { account } = useSigned().session
  return useQuery({
    queryKey: ['explain', account.tenantId, asked],
    queryFn: async () => {
      const query = { ...(asked as Asked), usage: 'true', format: 'json' } as const
      return given(await api.GET('/api/v1/explain', { params: { query } }))
    },
    enabled: asked !== null,
  })
}

/** The same as text, as `pal explain` prints it. */
export async function readAsText(asked: Asked): Promise<string> {
  const query = { ...asked, usage: 'true', format: 'text' } as const
  return given(await api.GET('/api/v1/explain', { params: { query }, parseAs: 'text' }))
}

/** Where the answer is as a file. */
export const jsonAddress = (asked: Asked) =>
  `/portal/api/v1/explain?${new URLSearchParams({ ...asked, usage: 'true', format: 'json' })}`

/** The parts of an address that a question is made of, if they are all there and well formed. */
export function askedOf(
  question: { resource?: string; month?: string; partner?: string },
  as: Reader,
): Asked | null {
  const resource = question.resource ? resourceOf(question.resource) : 'empty'
  if (!isClear(resource) || !question.month) return null
  const partner = question.partner ? { partner: question.partner } : {}
  return { resource: resource.id, month: question.month, ...partner, as }
}

/** What a resource has below it, by the column of a report that says so. */
export const BELOW = {
  subscription: 'resource_group',
  group: 'resource_id',
  resource: null,
} as const

/** Credit by what is below a resource: rows of the report, as they are. */
export function useBelow(asked: Asked, resource: Resource | null, partner: string) {
  const { account } = useSigned().session
  const column = resource && BELOW[resource.kind]
  return useQuery({
    queryKey: ['below', account.tenantId, asked, partner],
    queryFn: async () => {
      const columns = new Set(['resource_group', column, 'currency'])
      const { subscription = '', group } = resource ?? {}
      const { as, month } = asked
      const group_by = [...columns].join()
      const { value } = await readRows({ as, group_by, month, partner, subscription }, MOST)
      return value.filter((row) => !group || isSameName(row.resource_group ?? '', group))
    },
    enabled: column !== null,
  })
}

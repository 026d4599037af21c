import { api, readPages } from './client'
import type { components, paths } from './schema'

type Schemas = components['schemas']

/** A row of a report; which columns it has, the grouping says. No amounts where the reader sees no money. */
export type Row = Schemas['ReportRow']
/** A line of the balance. */
export type Line = Schemas['BalanceLine']

/** What a report can be asked for. */
export type Parameters = NonNullable<paths['/api/v1/reports']['get']['parameters']['query']>

/** More would be too much for a page; a download has all of them. */
export const LIMIT = 20_000

const read = (query: Parameters, limit: number) =>
  readPages(limit, async (page) => {
    const { data } = await api.GET('/api/v1/reports', { params: { query: { ...query, ...page } } })
    return { data: typeof data === 'object' && 'value' in data ? data : undefined }
  })

/** Rows, and how far they reach. */
export async function readRows(query: Parameters, limit = LIMIT) {
  const found = await read(query, limit)
  return { ...found, value: found.value.flatMap((row) => ('line' in row ? [] : [row])) }
}

/** The lines of the balance. */
export async function readBalance(query: Parameters) {
  const found = await read(query, LIMIT)
  return { ...found, value: found.value.flatMap((row) => ('line' in row ? [row] : [])) }
}

/** A report that is read in pages. */
export type Report = Awaited<ReturnType<typeof readRows>>

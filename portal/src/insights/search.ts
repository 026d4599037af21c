/** The tabs of the page. */
export const TABS = [
  'overview',
  'customers',
  'subscriptions',
  'usage',
  'accounts',
  'missing',
] as const

export type Tab = (typeof TABS)[number]

/** As whom a report is asked for. */
export const VIEWS = ['operator', 'partner', 'customer'] as const

export type View = (typeof VIEWS)[number]

/** What is shown: all of it is in the address, so that a page can be sent to a colleague. */
export interface InsightsSearch {
  tab?: Tab
  /** `3m` = the last three whole months, `2026-10`, or `2026-05..2026-10`. */
  period?: string
  /** A partner ID. */
  location?: string
  /** A directory, or the pseudonym of one. */
  customer?: string
  as?: View
  /** Usage by resource group, too. */
  groups?: 'yes'
}

const MONTH = '[0-9]{4}-(?:0[1-9]|1[0-2])'
const PERIOD = new RegExp(`^(?:(?:1|3|6|12)m|${MONTH}(?:\\.\\.${MONTH})?)$`)
const PARTNER = /^[1-9][0-9]{0,9}$/
const CUSTOMER = /^(?:[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}|customer-[0-9a-f]{16})$/i

const like = (value: unknown, form: RegExp) => {
  const text = typeof value === 'string' || typeof value === 'number' ? String(value) : ''
  return form.test(text) ? text : undefined
}

/** The earlier month first. */
const ordered = (period?: string) => period?.split('..').sort().join('..')

const oneOf = <Word extends string>(words: readonly Word[], value: unknown) =>
  words.find((word) => word === value)

/** What an address asks for. What is not understood is as if it were not there. */
export const insightsSearch = (search: Record<string, unknown>): InsightsSearch => ({
  tab: oneOf(TABS, search.tab),
  period: ordered(like(search.period, PERIOD)),
  location: like(search.location, PARTNER),
  customer: like(search.customer, CUSTOMER)?.toLowerCase(),
  as: oneOf(VIEWS, search.as),
  groups: oneOf(['yes'] as const, search.groups),
})

/** The tabs of the page. */
export const TABS = [
  'overview',
  'customers',
  'subscriptions',
  'usage',
  'accounts',
  'missing',
] as const

/** What is shown: all of it is in the address, so that a page can be sent to a colleague. */
export interface InsightsSearch {
  tab?: (typeof TABS)[number]
}

export const insightsSearch = (search: Record<string, unknown>): InsightsSearch => ({
  tab: TABS.find((tab) => tab === search.tab),
})

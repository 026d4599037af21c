/** What an operator looks at. */
export const TABS = ['usage', 'imports', 'audit', 'partners'] as const
export type Tab = (typeof TABS)[number]

/** What the audit log records. */
export const ACTIONS = [
  'link-create',
  'link-update',
  'link-delete',
  'facts-import',
  'credential-set',
  'report-read',
  'usage-import',
  'usage-withdraw',
  'privacy-set',
  'store-state',
  'session-change',
  'person-erase',
] as const
export type Action = (typeof ACTIONS)[number]

/** What is shown: all of it is in the address. */
export interface OperatorSearch {
  tab?: Tab
  action?: Action
}

export const operatorSearch = (search: Record<string, unknown>): OperatorSearch => ({
  tab: TABS.find((tab) => tab === search.tab),
  action: ACTIONS.find((action) => action === search.action),
})

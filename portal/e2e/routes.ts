// Every page, with somebody who sees something on it.

export interface Route {
  path: string
  user?: string
  /** To go to before it is looked at. */
  directory?: string
}

const PROD = '/subscriptions/fab00000-5000-4000-8000-000000000001'
const ASKED = `resource=${encodeURIComponent(PROD)}&month=2026-10&partner=5127255`

export const ROUTES: Record<string, Route> = {
  link: { path: '/portal/link' },
  'link-new': { path: '/portal/link', directory: 'Proseware' },
  links: { path: '/portal/links' },
  insights: { path: '/portal/insights' },
  'insights-customers': { path: '/portal/insights?tab=customers' },
  'insights-subscriptions': { path: '/portal/insights?tab=subscriptions' },
  'insights-usage': { path: '/portal/insights?tab=usage' },
  'insights-accounts': { path: '/portal/insights?tab=accounts', user: 'bjorn@contoso.example' },
  'insights-missing': { path: '/portal/insights?tab=missing', user: 'bjorn@contoso.example' },
  'insights-no-money': { path: '/portal/insights', user: 'bram@contoso.example' },
  'insights-none': { path: '/portal/insights', user: 'tove@tailwind.example' },
  explain: { path: `/portal/explain?${ASKED}` },
  'explain-empty': { path: '/portal/explain' },
  'why-not': { path: `/portal/why-not?${ASKED.replace('5127255', '5127256')}` },
  'why-not-empty': { path: '/portal/why-not' },
  directory: { path: '/portal/directory', user: 'frida@fabrikam.example' },
  operator: { path: '/portal/operator' },
  search: { path: '/portal/search?q=prod' },
  help: { path: '/portal/help' },
  'no-such-page': { path: '/portal/nothing-here' },
}

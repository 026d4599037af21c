import {
  createRootRoute,
  createRoute,
  createRouter,
  lazyRouteComponent,
  redirect,
} from '@tanstack/react-router'
import { READERS } from './explain/question'
import { insightsSearch } from './insights/search'
import { LinkPage } from './link/LinkPage'
import { operatorSearch } from './operator/search'
import { NotFound, Wrong } from './shell/Lost'
import { Shell } from './shell/Shell'

const root = createRootRoute({ component: Shell, notFoundComponent: NotFound })

const text = (value: unknown) => (typeof value === 'string' && value ? value : undefined)

/** What is asked about a resource: the addresses of both pages hold all of it. */
const question = (search: Record<string, unknown>) => ({
  resource: text(search.resource),
  month: text(search.month == null ? undefined : String(search.month)),
  partner: text(search.partner == null ? undefined : String(search.partner)),
  as: READERS.find((reader) => reader === search.as),
})

const routeTree = root.addChildren([
  createRoute({
    getParentRoute: () => root,
    path: '/',
    beforeLoad: () => {
      throw redirect({ to: '/link' })
    },
  }),
  createRoute({ getParentRoute: () => root, path: '/link', component: LinkPage }),
  createRoute({
    getParentRoute: () => root,
    path: '/links',
    component: lazyRouteComponent(() => import('./links/LinksPage'), 'LinksPage'),
  }),
  createRoute({
    getParentRoute: () => root,
    path: '/insights',
    validateSearch: insightsSearch,
    component: lazyRouteComponent(() => import('./insights/InsightsPage'), 'InsightsPage'),
  }),
  createRoute({
    getParentRoute: () => root,
    path: '/explain',
    validateSearch: question,
    component: lazyRouteComponent(() => import('./explain/ExplainPage'), 'ExplainPage'),
  }),
  createRoute({
    getParentRoute: () => root,
    path: '/why-not',
    validateSearch: question,
    component: lazyRouteComponent(() => import('./whynot/WhyNotPage'), 'WhyNotPage'),
  }),
  createRoute({
    getParentRoute: () => root,
    path: '/directory',
    component: lazyRouteComponent(() => import('./directory/DirectoryPage'), 'DirectoryPage'),
  }),
  createRoute({
    getParentRoute: () => root,
    path: '/operator',
    validateSearch: operatorSearch,
    component: lazyRouteComponent(() => import('./operator/OperatorPage'), 'OperatorPage'),
  }),
  createRoute({
    getParentRoute: () => root,
    path: '/search',
    validateSearch: (search: Record<string, unknown>) => ({
      q: text(search.q == null ? undefined : String(search.q)),
    }),
    component: lazyRouteComponent(() => import('./search/SearchPage'), 'SearchPage'),
  }),
  createRoute({
    getParentRoute: () => root,
    path: '/help',
    component: lazyRouteComponent(() => import('./shell/HelpPage'), 'HelpPage'),
  }),
])

export const router = createRouter({
  routeTree,
  basepath: '/portal',
  // All that pages keep in their address is text: `partner=5127255` needs no quotes.
  parseSearch: (query) => Object.fromEntries(new URLSearchParams(query)),
  stringifySearch: (search) => {
    const known = Object.entries(search).filter(([, value]) => value !== undefined)
    const query = String(new URLSearchParams(known.map(([name, value]) => [name, String(value)])))
    return query && `?${query}`
  },
  scrollRestoration: true,
  defaultErrorComponent: Wrong,
})

declare module '@tanstack/react-router' {
  interface Register {
    router: typeof router
  }
}

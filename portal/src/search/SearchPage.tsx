import { Button, Spinner } from '@fluentui/react-components'
import { useQueries } from '@tanstack/react-query'
import { Link, useNavigate, useSearch } from '@tanstack/react-router'
import type { ReactNode } from 'react'
import { FormattedMessage, useIntl } from 'react-intl'
import { api, readPages } from '../api/client'
import { LIMIT, readRows } from '../api/reports'
import { directoryName, type Roles } from '../api/session'
import { ErrorBox } from '../parts/ErrorBox'
import { fold } from '../parts/fold'
import { Page } from '../parts/Page'
import { SearchBox } from '../shell/SearchBox'
import shell from '../shell/Shell.module.css'
import { useSigned } from '../shell/Signed'
import css from './Search.module.css'

const SHOWN = 50

const PLACES = [
  'customer_tenant_id',
  'customer_tenant_name',
  'subscription_id',
  'subscription_name',
  'partner_id',
  'partner_name',
].join()

/** What of the service the person may search in. */
const mayReport = (roles: Roles) => roles.viewer || roles.operator || roles.auditor
const mayList = (roles: Roles) => roles.linkAdministrator || roles.operator

/** Customers, subscriptions, partners, people and directories by name or ID. */
export function SearchPage() {
  const intl = useIntl()
  const { q = '' } = useSearch({ from: '/search' })
  const { session, switchTo } = useSigned()
  const navigate = useNavigate()
  const { tenantId } = session.account
  const [places, links] = useQueries({
    queries: [
      {
        queryKey: ['search', 'places', tenantId],
        queryFn: () => readRows({ group_by: PLACES }),
        enabled: mayReport(session.roles),
      },
      {
        queryKey: ['search', 'links', tenantId],
        queryFn: () => readPages(LIMIT, (query) => api.GET('/api/v1/links', { params: { query } })),
        enabled: mayList(session.roles),
      },
    ],
  })
  const wanted = fold(q.trim())
  const fits = (...texts: (string | null | undefined)[]) =>
    texts.some((text) => text && fold(text).includes(wanted))

  const rows = places.data?.value ?? []
  const found: Found[] = [
    ...session.directories
      .filter((one) => fits(one.tenantName, one.domain, one.tenantId))
      .map((one) => ({
        kind: 'directory' as const,
        key: one.tenantId,
        name: directoryName(one),
        way: (
          <Button
            onClick={async () => {
              await switchTo(one.tenantId)
              navigate({ to: '/link' })
            }}
          >
            <FormattedMessage id="shell.directories.switch" />
          </Button>
        ),
      })),
    ...rows
      .filter((row) => fits(row.customer_tenant_name, row.customer_tenant_id))
      .map((row) => ({
        kind: 'customer' as const,
        key: row.customer_tenant_id ?? '',
        name: row.customer_tenant_name ?? row.customer_tenant_id ?? '–',
        way: (
          <Link to="/insights" search={{ customer: row.customer_tenant_id ?? undefined }}>
            <FormattedMessage id="search.figures" />
          </Link>
        ),
      })),
    ...rows
      .filter((row) => row.subscription_id && fits(row.subscription_name, row.subscription_id))
      .map((row) => ({
        kind: 'subscription' as const,
        key: row.subscription_id ?? '',
        name: row.subscription_name ?? row.subscription_id ?? '–',
        way: (
          <Link to="/explain" search={{ resource: `/subscriptions/${row.subscription_id}` }}>
            <FormattedMessage id="search.explain" />
          </Link>
        ),
      })),
    ...rows
      .filter((row) => fits(row.partner_name, row.partner_id))
      .map((row) => ({
        kind: 'partner' as const,
        key: row.partner_id ?? '',
        name: `${row.partner_name ?? '–'} (${row.partner_id})`,
        way: (
          <Link to="/insights" search={{ location: row.partner_id ?? undefined }}>
            <FormattedMessage id="search.figures" />
          </Link>
        ),
      })),
    ...(links.data?.value ?? [])
      .filter((link) => fits(link.name, link.objectId))
      .map((link) => ({
        kind: 'account' as const,
        key: `${link.tenantId} ${link.objectId}`,
        name: `${link.name ?? link.objectId} · ${link.tenantName ?? link.tenantId}`,
        way: (
          <Link to="/insights" search={{ tab: 'accounts' }}>
            <FormattedMessage id="search.accounts" />
          </Link>
        ),
      })),
  ]
  return (
    <Page
      title={
        wanted
          ? intl.formatMessage({ id: 'search.title' }, { q })
          : intl.formatMessage({ id: 'shell.nav.search' })
      }
    >
      <div className={shell.narrow}>
        <SearchBox />
      </div>
      {(places.isLoading || links.isLoading) && (
        <Spinner label={intl.formatMessage({ id: 'shell.loading' })} />
      )}
      {places.isError && <ErrorBox error={places.error} retry={places.refetch} />}
      {links.isError && <ErrorBox error={links.error} retry={links.refetch} />}
      <Results found={wanted ? unique(found) : []} />
    </Page>
  )
}

interface Found {
  kind: 'directory' | 'customer' | 'subscription' | 'partner' | 'account'
  key: string
  name: string
  way: ReactNode
}

/** A report has a customer as often as it has subscriptions and partners. */
const unique = (found: Found[]) => [
  ...new Map(found.map((one) => [`${one.kind} ${one.key}`, one])).values(),
]

function Results({ found }: { found: Found[] }) {
  return (
    <>
      <p role="status">
        <FormattedMessage id="search.found" values={{ count: found.length }} />
      </p>
      <ul className={css.found}>
        {found.slice(0, SHOWN).map((one) => (
          <li key={`${one.kind} ${one.key}`}>
            <span className={css.kind}>
              <FormattedMessage id={`search.kind.${one.kind}` as 'search.kind.customer'} />
            </span>
            <span lang="">{one.name}</span>
            {one.way}
          </li>
        ))}
      </ul>
      {found.length > SHOWN && (
        <p>
          <FormattedMessage id="search.more" values={{ shown: SHOWN }} />
        </p>
      )}
    </>
  )
}

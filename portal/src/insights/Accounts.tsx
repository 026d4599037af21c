import { WarningRegular } from '@fluentui/react-icons'
import { FormattedDate, FormattedMessage, useIntl } from 'react-intl'
import { Bar } from '../parts/Bar'
import { useNameColumn } from './columns'
import { type DataColumn, DataTable } from './DataTable'
import css from './Insights.module.css'
import { type Account, type Link, useShownLinks } from './links'
import { Wait } from './Wait'

/** Who is linked to the partner, and whether the link earns anything. */
export function Accounts() {
  const intl = useIntl()
  const { mayRead, query, links } = useShownLinks()
  const columns = useColumns()
  const title = intl.formatMessage({ id: 'insights.tab.accounts' })
  if (!mayRead) return <NeedsAdministrator />
  return (
    <Wait of={[query]}>
      {() => (
        <>
          <h2>{title}</h2>
          {links.length === 0 ? (
            <p>
              <FormattedMessage id="insights.accounts.none" />
            </p>
          ) : (
            <DataTable
              name={title}
              rows={links}
              columns={columns}
              rowKey={(link) => `${link.tenantId} ${link.objectId}`}
            />
          )}
          <p className={css.note}>
            <FormattedMessage id="insights.accounts.now" />
          </p>
        </>
      )}
    </Wait>
  )
}

export function NeedsAdministrator() {
  return (
    <Bar className={css.bar}>
      <FormattedMessage id="insights.accounts.refused" />
    </Bar>
  )
}

/** Account, kind and directory: what says who somebody is. */
export function useAccountColumns<Of extends Account>(): DataColumn<Of>[] {
  const intl = useIntl()
  const directory = (row: Of) => row.tenantName ?? row.tenantId
  return [
    useNameColumn<Of>(
      'account',
      intl.formatMessage({ id: 'insights.account' }),
      (row) => row.name ?? row.objectId,
      (row) => (
        <>
          <span lang="">{row.name ?? row.objectId}</span>
          {row.signInName && row.signInName !== row.name && (
            <span lang="" className="small">
              {row.signInName}
            </span>
          )}
          {row.type && (
            <span className="small">
              <FormattedMessage id={`insights.type.${row.type}` as 'insights.type.User'} />
            </span>
          )}
        </>
      ),
    ),
    useNameColumn<Of>(
      'directory',
      intl.formatMessage({ id: 'insights.directory' }),
      directory,
      (row) => <span lang="">{directory(row)}</span>,
    ),
  ]
}

export function useSubscriptionsColumn<Of extends Account>(): DataColumn<Of> {
  const intl = useIntl()
  const names = (row: Of) =>
    intl.formatList(row.subscriptions.map((one) => one.displayName ?? one.subscriptionId))
  return {
    key: 'subscriptions',
    title: intl.formatMessage({ id: 'insights.subscriptions' }),
    cell: (row) => (row.subscriptions.length ? <span lang="">{names(row)}</span> : '–'),
    text: names,
    order: (one, other) => one.subscriptions.length - other.subscriptions.length,
  }
}

function useColumns(): DataColumn<Link>[] {
  const intl = useIntl()
  const warnings = useWarningsColumn()
  return [
    ...useAccountColumns<Link>(),
    useNameColumn<Link>(
      'partner',
      intl.formatMessage({ id: 'insights.partner' }),
      (row) => `${row.partnerName ?? ''} ${row.partnerId}`,
      (row) => (
        <>
          {row.partnerName && <span lang="">{row.partnerName}</span>} {row.partnerId}
        </>
      ),
    ),
    {
      key: 'since',
      title: intl.formatMessage({ id: 'insights.since' }),
      cell: (row) => (
        <>
          {row.since ? <FormattedDate value={row.since} dateStyle="medium" timeZone="UTC" /> : '–'}
          {row.sinceAssumed && (
            <span className="small">
              <FormattedMessage id="explain.assumed" />
            </span>
          )}
        </>
      ),
      order: (one, other) => (one.since ?? '').localeCompare(other.since ?? '', 'en'),
    },
    useSubscriptionsColumn<Link>(),
    warnings,
  ]
}

/** What keeps a link from earning. */
export function useWarningsColumn(): DataColumn<Link> {
  const intl = useIntl()
  return {
    key: 'warnings',
    title: intl.formatMessage({ id: 'insights.warnings' }),
    cell: (row) =>
      row.warnings.length === 0
        ? '–'
        : row.warnings.map((warning) => (
            <span key={warning} className={css.warning}>
              <WarningRegular aria-hidden />
              <FormattedMessage id={`insights.warning.${warning}` as 'insights.warning.disabled'} />
            </span>
          )),
    order: (one, other) => one.warnings.length - other.warnings.length,
  }
}

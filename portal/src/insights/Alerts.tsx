import { ErrorCircleRegular, InfoRegular, WarningRegular } from '@fluentui/react-icons'
import { FormattedDate, FormattedMessage, useIntl } from 'react-intl'
import { useNameColumn } from './columns'
import { type DataColumn, DataTable } from './DataTable'
import { useFilters } from './filters'
import css from './Insights.module.css'
import { type Alert, useAlerts } from './links'
import { byNumber } from './orders'
import { Wait } from './Wait'

const SEVERITIES = ['info', 'warning', 'critical']
const ICONS = {
  info: <InfoRegular aria-hidden />,
  warning: <WarningRegular aria-hidden />,
  critical: <ErrorCircleRegular aria-hidden />,
}

/** What will cost credit, or already does, seen from now. */
export function Alerts() {
  const intl = useIntl()
  const { search } = useFilters()
  const found = useAlerts(true)
  const columns = useColumns()
  const title = intl.formatMessage({ id: 'insights.alerts' })
  const alerts = (found.data?.value ?? []).filter(
    (alert) =>
      (!search.location || alert.partnerId === search.location) &&
      (!search.customer || alert.tenantId.toLowerCase() === search.customer),
  )
  return (
    <Wait of={[found]}>
      {() => (
        <>
          <h2>{title}</h2>
          {alerts.length > 0 ? (
            <DataTable
              name={title}
              rows={alerts}
              columns={columns}
              rowKey={(alert) => JSON.stringify(alert)}
              first={{ key: 'severity', isDown: true }}
            />
          ) : (
            <p>
              <FormattedMessage id="insights.alerts.none" />
            </p>
          )}
        </>
      )}
    </Wait>
  )
}

function useColumns(): DataColumn<Alert>[] {
  const intl = useIntl()
  const code = (alert: Alert) =>
    intl.formatMessage({ id: `insights.alert.${alert.code}` as 'insights.alert.credit-dropped' })
  return [
    useNameColumn<Alert>('code', intl.formatMessage({ id: 'insights.alert' }), code, code),
    {
      key: 'severity',
      title: intl.formatMessage({ id: 'insights.severity' }),
      cell: (alert) => (
        <span className={css.warning}>
          {ICONS[alert.severity]}
          <FormattedMessage
            id={`insights.severity.${alert.severity}` as 'insights.severity.info'}
          />
        </span>
      ),
      order: byNumber((alert) => SEVERITIES.indexOf(alert.severity)),
    },
    {
      key: 'at',
      title: intl.formatMessage({ id: 'insights.alert.at' }),
      cell: (alert) =>
        alert.at ? <FormattedDate value={alert.at} dateStyle="medium" timeZone="UTC" /> : '–',
      order: (one, other) => (one.at ?? '').localeCompare(other.at ?? '', 'en'),
    },
    {
      key: 'message',
      title: intl.formatMessage({ id: 'insights.alert.details' }),
      cell: (alert) => (
        <>
          <span lang="en">{alert.message}</span>
          {alert.assumed && (
            <span className="small">
              <FormattedMessage id="explain.assumed" />
            </span>
          )}
        </>
      ),
      text: (alert) => alert.message,
    },
  ]
}

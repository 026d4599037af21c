import { ErrorCircleRegular, InfoRegular, WarningRegular } from '@fluentui/react-icons'
import { FormattedDate, FormattedMessage, useIntl } from 'react-intl'
import { ScrollTable } from '../parts/ScrollTable'
import { Waiting } from '../parts/Waiting'
import css from './Directory.module.css'
import { type Alert, useAlerts } from './data'

const ICONS = {
  critical: <ErrorCircleRegular aria-hidden fontSize={16} />,
  warning: <WarningRegular aria-hidden fontSize={16} />,
  info: <InfoRegular aria-hidden fontSize={16} />,
}

/** What partners will lose here, or have lost. */
export function AlertList() {
  const intl = useIntl()
  const alerts = useAlerts()
  return (
    <section>
      <h2>
        <FormattedMessage id="directory.alerts" />
      </h2>
      <Waiting for={alerts} />
      {alerts.data?.value.length === 0 && (
        <p>
          <FormattedMessage id="directory.alerts.none" />
        </p>
      )}
      {alerts.data && alerts.data.value.length > 0 && (
        <ScrollTable
          name={intl.formatMessage({ id: 'directory.alerts' })}
          columns={['directory.column.severity', 'directory.column.alert', 'directory.column.at']}
        >
          {alerts.data.value.map((alert) => (
            <Row key={JSON.stringify(alert)} alert={alert} />
          ))}
        </ScrollTable>
      )}
      {alerts.data?.notLookedAt.map(({ code, why }) => (
        <p key={code}>
          <FormattedMessage
            id="directory.alerts.notLookedAt"
            values={{
              alert: (
                <FormattedMessage
                  id={`directory.alert.${code}` as 'directory.alert.access-ending'}
                />
              ),
            }}
          />{' '}
          <span lang="en">{why}</span>
        </p>
      ))}
    </section>
  )
}

function Row({ alert }: { alert: Alert }) {
  return (
    <tr>
      <td>
        <span className={css[alert.severity]}>
          {ICONS[alert.severity]}
          <FormattedMessage
            id={`directory.severity.${alert.severity}` as 'directory.severity.info'}
          />
        </span>
      </td>
      <th scope="row">
        <FormattedMessage id={`directory.alert.${alert.code}` as 'directory.alert.access-ending'} />
        <span className="small" lang="en">
          {alert.message}
        </span>
        {alert.assumed && (
          <span className="small">
            <FormattedMessage id="explain.assumed" />
          </span>
        )}
      </th>
      <td className={css.date}>
        {alert.at ? <FormattedDate value={alert.at} dateStyle="medium" /> : '–'}
      </td>
    </tr>
  )
}

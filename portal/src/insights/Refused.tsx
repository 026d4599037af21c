import { Button } from '@fluentui/react-components'
import { useQuery } from '@tanstack/react-query'
import { FormattedMessage, useIntl } from 'react-intl'
import { readOwnDirectories } from '../api/client'
import { directoryName } from '../api/session'
import { Bar } from '../parts/Bar'
import { notify } from '../parts/notices'
import { focusHeading } from '../parts/Page'
import { useSigned } from '../shell/Signed'
import css from './Insights.module.css'

/** Who may look, and where else the person may. */
export function Refused() {
  const intl = useIntl()
  const { session, switchTo } = useSigned()
  const here = session.account.tenantId
  const own = useQuery({ queryKey: ['directories', here], queryFn: readOwnDirectories })
  const others = (own.data ?? []).filter(
    ({ tenantId, roles }) => tenantId !== here && (roles.viewer || roles.auditor || roles.operator),
  )
  const go = async (tenantId: string, name: string) => {
    await switchTo(tenantId)
    notify(intl.formatMessage({ id: 'shell.switched' }, { name }))
    focusHeading()
  }
  return (
    <>
      <Bar className={css.bar}>
        <FormattedMessage
          id="insights.refused"
          values={{ directory: <span lang="">{directoryName(session.account)}</span> }}
        />
      </Bar>
      {others.length > 0 && (
        <>
          <p>
            <FormattedMessage id="insights.refused.elsewhere" />
          </p>
          <ul className={css.plain}>
            {others.map((directory) => {
              const name = directoryName(directory)
              return (
                <li key={directory.tenantId}>
                  <Button onClick={() => go(directory.tenantId, name)}>
                    <FormattedMessage id="shell.directories.switchTo" values={{ name }} />
                  </Button>
                </li>
              )
            })}
          </ul>
        </>
      )}
    </>
  )
}

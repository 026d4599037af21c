import { Button } from '@fluentui/react-components'
import { Link } from '@tanstack/react-router'
import { use } from 'react'
import { FormattedMessage, useIntl } from 'react-intl'
import { Bar } from '../parts/Bar'
import { useSigned } from '../shell/Signed'
import {
  NeedsAdministrator,
  useAccountColumns,
  useSubscriptionsColumn,
  useWarningsColumn,
} from './Accounts'
import { Alerts } from './Alerts'
import { Balance } from './Balance'
import { DataTable } from './DataTable'
import { Shown, useFilters } from './filters'
import css from './Insights.module.css'
import { type Account, type Link as Linked, tenantsOf, useGaps, useShownLinks } from './links'
import type { View } from './search'
import { Wait } from './Wait'

/** What is not credited, what does not earn, and what will be lost. */
export function Missing({ as }: { as?: View }) {
  const { roles } = useSigned().session
  const { set } = useFilters()
  const scope = use(Shown)
  const seesLinks = roles.linkAdministrator || roles.operator
  return (
    <>
      <h2>
        <FormattedMessage id="insights.tab.missing" />
      </h2>
      <p>
        <FormattedMessage
          id="insights.missing.ask"
          values={{
            a: (text) => (
              <Link to="/why-not" search={{ month: scope?.months.to }}>
                {text}
              </Link>
            ),
          }}
        />
      </p>
      {as === 'operator' && scope && <Balance />}
      {as !== 'operator' && roles.operator && (
        <Bar className={css.bar}>
          <FormattedMessage id="insights.missing.asOperator" />{' '}
          <Button size="small" onClick={() => set({ as: 'operator' })}>
            <FormattedMessage id="insights.missing.lookAsOperator" />
          </Button>
        </Bar>
      )}
      {seesLinks ? <Gaps /> : !roles.auditor && <NeedsAdministrator />}
      {(seesLinks || roles.auditor) && <Alerts />}
    </>
  )
}

/** Accounts that could earn and do not. */
function Gaps() {
  const intl = useIntl()
  const { search } = useFilters()
  const gaps = useGaps(true)
  const { query, links } = useShownLinks()
  const accounts = (gaps.data?.value ?? []).filter(
    (account) => !search.customer || tenantsOf(account).includes(search.customer),
  )
  const warned = links.filter((link) => link.warnings.length > 0)
  const unlinked = [...useAccountColumns<Account>(), useSubscriptionsColumn<Account>()]
  const idle = [...useAccountColumns<Linked>(), useWarningsColumn()]
  const titles = {
    unlinked: intl.formatMessage({ id: 'insights.gaps' }),
    idle: intl.formatMessage({ id: 'insights.idle' }),
  }
  const key = (account: Account) => `${account.tenantId} ${account.objectId}`
  return (
    <Wait of={[gaps, query]}>
      {() => (
        <>
          <h2>{titles.unlinked}</h2>
          {accounts.length > 0 ? (
            <DataTable name={titles.unlinked} rows={accounts} columns={unlinked} rowKey={key} />
          ) : (
            <p>
              <FormattedMessage id="insights.gaps.none" />
            </p>
          )}
          <h2>{titles.idle}</h2>
          {warned.length > 0 ? (
            <DataTable name={titles.idle} rows={warned} columns={idle} rowKey={key} />
          ) : (
            <p>
              <FormattedMessage id="insights.idle.none" />
            </p>
          )}
        </>
      )}
    </Wait>
  )
}

import { Tab, TabList } from '@fluentui/react-components'
import { useNavigate, useSearch } from '@tanstack/react-router'
import { FormattedMessage, useIntl } from 'react-intl'
import { Page } from '../parts/Page'
import { useSigned } from '../shell/Signed'
import { Audit } from './Audit'
import { Imports } from './Imports'
import { Months } from './Months'
import css from './Operator.module.css'
import { Partners } from './Partners'
import { Status } from './Status'
import { type OperatorSearch, TABS } from './search'

const PANELS = { usage: Months, imports: Imports, audit: Audit, partners: Partners }

/** How the service is. There is nothing here by which a link could be changed. */
export function OperatorPage() {
  const intl = useIntl()
  const { roles } = useSigned().session
  return (
    <Page title={intl.formatMessage({ id: 'operator.title' })}>
      {roles.operator ? (
        <>
          <Status />
          <Tabs />
        </>
      ) : (
        <p>
          <FormattedMessage id="operator.role" />
        </p>
      )}
    </Page>
  )
}

function Tabs() {
  const intl = useIntl()
  const navigate = useNavigate()
  const { tab = 'usage' }: OperatorSearch = useSearch({ from: '/operator' })
  const Panel = PANELS[tab]
  return (
    <>
      <TabList
        className={css.tabs}
        selectedValue={tab}
        onTabSelect={(_, { value }) =>
          navigate({ to: '/operator', search: { tab: value as typeof tab } })
        }
        aria-label={intl.formatMessage({ id: 'operator.title' })}
      >
        {TABS.map((name) => (
          <Tab key={name} value={name} id={`tab-${name}`} aria-controls="panel">
            <FormattedMessage id={`operator.tab.${name}` as 'operator.tab.usage'} />
          </Tab>
        ))}
      </TabList>
      <div role="tabpanel" id="panel" aria-labelledby={`tab-${tab}`}>
        <h2>
          <FormattedMessage id={`operator.tab.${tab}` as 'operator.tab.usage'} />
        </h2>
        <Panel />
      </div>
    </>
  )
}

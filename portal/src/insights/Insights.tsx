import { Tab, TabList } from '@fluentui/react-components'
import { FormattedMessage } from 'react-intl'
import { Bar } from '../parts/Bar'
import { Accounts } from './Accounts'
import { Customers } from './Customers'
import { Filters } from './Filters'
import { Freshness } from './Freshness'
import { Shown, scopeOf, useChoices, useFilters } from './filters'
import css from './Insights.module.css'
import { Missing } from './Missing'
import { Overview } from './Overview'
import { Refused } from './Refused'
import { Subscriptions } from './Subscriptions'
import { TABS, type Tab as TabName, type View } from './search'
import { Usage } from './Usage'
import { Wait } from './Wait'

/** The filters and the tabs. Without `as` there are no reports, only the links of a partner. */
export function Insights({ as, views }: { as?: View; views: View[] }) {
  const { search, set } = useFilters()
  const choices = useChoices(as)
  const tab = search.tab ?? 'overview'
  return (
    <Wait of={[choices.locations, choices.customers]}>
      {() => {
        const scope = as ? scopeOf(as, choices, search.period) : null
        return (
          <Shown value={scope}>
            {scope && <Filters views={views} />}
            {scope && <Freshness />}
            <div className={css.tabs}>
              <TabList
                selectedValue={tab}
                onTabSelect={(_, { value }) =>
                  set({ tab: value === 'overview' ? undefined : (value as TabName) })
                }
              >
                {TABS.map((name) => (
                  <Tab key={name} value={name} id={`tab-${name}`} aria-controls="insights">
                    <FormattedMessage id={`insights.tab.${name}` as 'insights.tab.overview'} />
                  </Tab>
                ))}
              </TabList>
            </div>
            <div role="tabpanel" id="insights" aria-labelledby={`tab-${tab}`} className={css.panel}>
              <Content tab={tab} as={as} hasUsage={scope !== null} />
            </div>
          </Shown>
        )
      }}
    </Wait>
  )
}

function Content({ tab, as, hasUsage }: { tab: TabName; as?: View; hasUsage: boolean }) {
  if (tab === 'accounts') return <Accounts />
  if (tab === 'missing') return <Missing as={as} />
  if (!as) return <Refused />
  if (!hasUsage) {
    return (
      <Bar>
        <FormattedMessage id="insights.noUsage" />
      </Bar>
    )
  }
  switch (tab) {
    case 'overview':
      return <Overview />
    case 'customers':
      return <Customers />
    case 'subscriptions':
      return <Subscriptions />
    case 'usage':
      return <Usage />
  }
}

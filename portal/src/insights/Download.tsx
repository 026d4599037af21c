import {
  Menu,
  MenuButton,
  MenuGroup,
  MenuGroupHeader,
  MenuItemLink,
  MenuList,
  MenuPopover,
  MenuTrigger,
} from '@fluentui/react-components'
import { ArrowDownloadRegular } from '@fluentui/react-icons'
import { FormattedMessage, useIntl } from 'react-intl'
import { useFilters, useScope } from './filters'
import {
  BY_CUSTOMER,
  BY_GROUP,
  BY_SERVICE,
  BY_SUBSCRIPTION,
  CATEGORIES,
  CUSTOMER_ROLES,
  SUBSCRIPTION_ROLES,
  TOTALS,
  TREND,
} from './groupings'
import { asParameter } from './months'
import { address, type Format, type Query } from './reports'
import type { Tab } from './search'

const FORMATS: Format[] = ['csv', 'parquet', 'json']
const NAMES = { csv: 'CSV', parquet: 'Parquet', json: 'JSON' }

/** The reports that a tab is made of; each has a title `insights.report.…`. */
const REPORTS = {
  overview: { totals: TOTALS, trend: TREND, services: CATEGORIES, customers: BY_CUSTOMER },
  customers: { customers: BY_CUSTOMER, roles: CUSTOMER_ROLES },
  subscriptions: { subscriptions: BY_SUBSCRIPTION, roles: SUBSCRIPTION_ROLES },
  usage: { usage: BY_SERVICE },
  groups: { usage: BY_GROUP },
  balance: { balance: 'balance' },
} as const satisfies Record<string, Record<string, Query['groupBy']>>

/** What the tab shows, as files that a browser downloads. */
export function Download({ tab }: { tab: Tab }) {
  const intl = useIntl()
  const { search } = useFilters()
  const { as, months } = useScope()
  const key = tab === 'usage' && search.groups ? 'groups' : tab === 'missing' ? 'balance' : tab
  if (key === 'accounts' || (key === 'balance' && as !== 'operator')) return null
  const { location, customer } = key === 'balance' ? {} : search
  return (
    <Menu>
      <MenuTrigger disableButtonEnhancement>
        <MenuButton icon={<ArrowDownloadRegular />}>
          <FormattedMessage id="insights.download" />
        </MenuButton>
      </MenuTrigger>
      <MenuPopover>
        <MenuList>
          {Object.entries(REPORTS[key]).map(([name, groupBy]) => (
            <MenuGroup key={name}>
              <MenuGroupHeader>
                {intl.formatMessage({
                  id: `insights.report.${name}` as 'insights.report.totals',
                })}
              </MenuGroupHeader>
              {FORMATS.map((format) => {
                const query = { as, months, location, customer, groupBy }
                return (
                  <MenuItemLink
                    key={format}
                    href={`/portal${address(query, format)}`}
                    download={`${name}-${asParameter(months).replace('..', '-')}.${format}`}
                  >
                    {NAMES[format]}
                  </MenuItemLink>
                )
              })}
            </MenuGroup>
          ))}
        </MenuList>
      </MenuPopover>
    </Menu>
  )
}

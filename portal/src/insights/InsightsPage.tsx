import { useIntl } from 'react-intl'
import { Page } from '../parts/Page'
import { useSigned } from '../shell/Signed'
import { useFilters, viewsOf } from './filters'
import { Insights } from './Insights'
import { Refused } from './Refused'

/** What is credited, to whom, for which customers, and what is not. */
export function InsightsPage() {
  const intl = useIntl()
  const { account, roles } = useSigned().session
  const { search } = useFilters()
  const views = viewsOf(roles)
  const as = views.find((view) => view === search.as) ?? views[0]
  return (
    <Page title={intl.formatMessage({ id: 'insights.title' })}>
      {as || roles.linkAdministrator ? (
        <Insights key={account.tenantId} as={as} views={views} />
      ) : (
        <Refused />
      )}
    </Page>
  )
}

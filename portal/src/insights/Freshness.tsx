import { Button } from '@fluentui/react-components'
import { FormattedMessage, useIntl } from 'react-intl'
import { useFilters, useScope } from './filters'
import css from './Insights.module.css'
import { lastBegun, lastWhole, monthName, monthsName } from './months'

/** How far usage reaches, as it was known when, and by which rules there is credit. */
export function Freshness() {
  const intl = useIntl()
  const { set } = useFilters()
  const { completeUntil, knownAt, months } = useScope()
  if (!completeUntil) return null
  const at = (instant: string) =>
    intl.formatDate(instant, { dateStyle: 'medium', timeStyle: 'short', timeZone: 'UTC' })
  const begun = lastBegun(completeUntil)
  const isPart = begun > lastWhole(completeUntil)
  return (
    <div className={css.fresh}>
      <p>
        <strong>{monthsName(intl, months)}</strong>
        {' · '}
        <FormattedMessage
          id="insights.fresh"
          values={{ until: at(completeUntil), known: at(knownAt), policy: 'pal' }}
        />
      </p>
      {isPart && months.to < begun && (
        <Button size="small" onClick={() => set({ period: begun })}>
          <FormattedMessage id="insights.fresh.begun" values={{ month: monthName(intl, begun) }} />
        </Button>
      )}
      {months.to > lastWhole(completeUntil) && (
        <p>
          <FormattedMessage
            id="insights.fresh.part"
            values={{ month: monthName(intl, months.to) }}
          />
        </p>
      )}
    </div>
  )
}

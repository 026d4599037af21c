import { Field, Select } from '@fluentui/react-components'
import { useIntl } from 'react-intl'
import { useFilters, useScope } from './filters'
import { asParameter, DEFAULT_PERIOD, type Month, monthName } from './months'

const LAST = ['1m', '3m', '6m', '12m'] as const

/** Whole months until now, one month, or from one to another. */
export function Period() {
  const intl = useIntl()
  const { search, set } = useFilters()
  const { months } = useScope()
  const period = search.period ?? DEFAULT_PERIOD
  const kind = period.endsWith('m') ? period : period.includes('..') ? 'range' : 'one'
  const choose = (value: string) => {
    if (value === 'one') return set({ period: months.to })
    if (value === 'range') return set({ period: `${months.from}..${months.to}` })
    return set({ period: value === DEFAULT_PERIOD ? undefined : value })
  }
  return (
    <>
      <Field label={intl.formatMessage({ id: 'insights.period' })}>
        <Select value={kind} onChange={(_, { value }) => choose(value)}>
          {LAST.map((value) => (
            <option key={value} value={value}>
              {intl.formatMessage(
                { id: 'insights.period.last' },
                { count: Number.parseInt(value, 10) },
              )}
            </option>
          ))}
          <option value="one">{intl.formatMessage({ id: 'insights.period.one' })}</option>
          <option value="range">{intl.formatMessage({ id: 'insights.period.range' })}</option>
        </Select>
      </Field>
      {kind === 'one' && (
        <MonthField
          label={intl.formatMessage({ id: 'insights.month' })}
          value={months.from}
          choose={(month) => set({ period: asParameter({ from: month, to: month }) })}
        />
      )}
      {kind === 'range' && (
        <>
          <MonthField
            label={intl.formatMessage({ id: 'insights.from' })}
            value={months.from}
            choose={(from) => set({ period: range(from, months.to, from) })}
          />
          <MonthField
            label={intl.formatMessage({ id: 'insights.to' })}
            value={months.to}
            choose={(to) => set({ period: range(months.from, to, to) })}
          />
        </>
      )}
    </>
  )
}

/** A range; if it ends before it begins, it is the month that was `chosen` just now. */
const range = (from: Month, to: Month, chosen: Month) =>
  from > to ? `${chosen}..${chosen}` : `${from}..${to}`

function MonthField(props: { label: string; value: Month; choose: (month: Month) => void }) {
  const intl = useIntl()
  const { choices } = useScope()
  const months = choices.includes(props.value)
    ? choices
    : [...choices, props.value].sort().reverse()
  return (
    <Field label={props.label}>
      <Select value={props.value} onChange={(_, { value }) => props.choose(value)}>
        {months.map((month) => (
          <option key={month} value={month}>
            {monthName(intl, month)}
          </option>
        ))}
      </Select>
    </Field>
  )
}

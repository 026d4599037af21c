import { Button, Field, Select } from '@fluentui/react-components'
import { ArrowResetRegular, ShareRegular } from '@fluentui/react-icons'
import { FormattedMessage, useIntl } from 'react-intl'
import { notify } from '../parts/notices'
import { Download } from './Download'
import { useFilters, useScope } from './filters'
import css from './Insights.module.css'
import { Period } from './Period'
import type { View } from './search'

/** What is shown, chosen by fields. All of it is in the address. */
export function Filters({ views }: { views: View[] }) {
  const intl = useIntl()
  const { search, set } = useFilters()
  const { as } = useScope()
  const share = async () => {
    await navigator.clipboard.writeText(window.location.href)
    notify(intl.formatMessage({ id: 'insights.share.done' }))
  }
  const reset = () => {
    set({ period: undefined, location: undefined, customer: undefined, as: undefined })
    notify(intl.formatMessage({ id: 'insights.reset.done' }))
  }
  return (
    <section className={css.filters} aria-label={intl.formatMessage({ id: 'insights.filters' })}>
      {views.length > 1 && (
        <Field label={intl.formatMessage({ id: 'insights.as' })}>
          <Select value={as} onChange={(_, { value }) => set({ as: value as View })}>
            {views.map((view) => (
              <option key={view} value={view}>
                {intl.formatMessage({ id: `insights.as.${view}` as 'insights.as.partner' })}
              </option>
            ))}
          </Select>
        </Field>
      )}
      <Period />
      <Field label={intl.formatMessage({ id: 'insights.association' })}>
        <Select>
          <option>Partner Admin Link</option>
        </Select>
      </Field>
      <Location />
      <Customer />
      <div className={css.buttons}>
        <Button icon={<ArrowResetRegular />} onClick={reset}>
          <FormattedMessage id="insights.reset" />
        </Button>
        <Button icon={<ShareRegular />} onClick={share}>
          <FormattedMessage id="insights.share" />
        </Button>
        <Download tab={search.tab ?? 'overview'} />
      </div>
    </section>
  )
}

function Location() {
  const intl = useIntl()
  const { search, set } = useFilters()
  const { locations } = useScope()
  return (
    <Choice
      label={intl.formatMessage({ id: 'insights.location' })}
      value={search.location}
      options={locations.map(({ id, name }) => ({ id, name: name ? `${id} · ${name}` : id }))}
      choose={(location) => set({ location })}
    />
  )
}

function Customer() {
  const intl = useIntl()
  const { search, set } = useFilters()
  const { customers } = useScope()
  const byName = new Intl.Collator(intl.locale).compare
  const options = customers
    .map(({ id, name }) => ({ id, name: name ?? id }))
    .sort((one, other) => byName(one.name, other.name))
  return (
    <Choice
      label={intl.formatMessage({ id: 'insights.customer' })}
      value={search.customer}
      options={options}
      choose={(customer) => set({ customer })}
    />
  )
}

function Choice(props: {
  label: string
  value: string | undefined
  options: { id: string; name: string }[]
  choose: (value: string | undefined) => void
}) {
  const intl = useIntl()
  const { label, value, options } = props
  // An address may ask for what has no credit at all: then it is shown as asked for.
  const isKnown = !value || options.some(({ id }) => id.toLowerCase() === value)
  return (
    <Field label={label}>
      <Select value={value ?? ''} onChange={(_, chosen) => props.choose(chosen.value || undefined)}>
        <option value="">{intl.formatMessage({ id: 'insights.all' })}</option>
        {options.map(({ id, name }) => (
          <option key={id} value={id.toLowerCase()} lang="">
            {name}
          </option>
        ))}
        {!isKnown && <option value={value}>{value}</option>}
      </Select>
    </Field>
  )
}

import { Button, Field, Select } from '@fluentui/react-components'
import { FormattedMessage, useIntl } from 'react-intl'
import css from './Explain.module.css'
import { type Asking, useEntry } from './entry'
import { Pick } from './Pick'
import type { Reader } from './question'
import { monthName } from './words'

/** What is asked: which resource, which month, for which partner, as whom. */
export function QuestionForm(props: Asking & { action: string }) {
  const intl = useIntl()
  const entry = useEntry(props)
  const { problem } = entry
  const error = problem
    ? intl.formatMessage({ id: `explain.problem.${problem}` as 'explain.problem.empty' })
    : undefined
  return (
    <form className={css.form} onSubmit={entry.send} noValidate>
      <Pick
        label={intl.formatMessage({ id: 'explain.form.resource' })}
        hint={intl.formatMessage({ id: 'explain.form.resource.hint' })}
        error={problem === 'partner' ? undefined : error}
        required
        submit={entry.send}
        {...entry.resource}
      />
      <div className={css.row}>
        <Field label={intl.formatMessage({ id: 'explain.form.month' })}>
          <Select value={entry.month} onChange={(_, { value }) => entry.setMonth(value)}>
            {entry.months.map((one) => (
              <option key={one} value={one}>
                {monthName(intl, one)}
              </option>
            ))}
          </Select>
        </Field>
        {props.readers.length > 1 && (
          <As readers={props.readers} reader={entry.reader} set={entry.setReader} />
        )}
      </div>
      <Pick
        label={intl.formatMessage({ id: 'explain.form.partner' })}
        hint={intl.formatMessage({
          id: props.partnerMatters ? 'explain.form.partner.matters' : 'explain.form.partner.hint',
        })}
        error={problem === 'partner' ? error : undefined}
        submit={entry.send}
        {...entry.partner}
      />
      <div>
        <Button type="submit" appearance="primary">
          {props.action}
        </Button>
      </div>
      {problem && problem !== 'partner' && (
        <p className={css.note}>
          <FormattedMessage id="explain.form.where" />
        </p>
      )}
    </form>
  )
}

/** Whoever has several roles chooses one. */
function As(props: { readers: Reader[]; reader: Reader; set: (reader: Reader) => void }) {
  const intl = useIntl()
  return (
    <Field label={intl.formatMessage({ id: 'explain.form.as' })}>
      <Select value={props.reader} onChange={(_, { value }) => props.set(value as Reader)}>
        {props.readers.map((one) => (
          <option key={one} value={one}>
            {intl.formatMessage({ id: `explain.as.${one}` as 'explain.as.partner' })}
          </option>
        ))}
      </Select>
    </Field>
  )
}

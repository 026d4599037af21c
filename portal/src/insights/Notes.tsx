import { MessageBar, MessageBarBody } from '@fluentui/react-components'
import { LockClosedRegular } from '@fluentui/react-icons'
import { Link } from '@tanstack/react-router'
import { FormattedMessage, useIntl } from 'react-intl'
import { Bar } from '../parts/Bar'
import { useScope } from './filters'
import css from './Insights.module.css'
import { useShownLinks } from './links'
import { monthsName } from './months'
import { hasMoney, LIMIT, type Report } from './reports'

/** What must be known to read the figures of an answer. */
export function Notes({ answer }: { answer: Report | undefined }) {
  if (!answer?.value.length) return null
  return (
    <>
      {!hasMoney(answer.value) && (
        <MessageBar layout="multiline" icon={<LockClosedRegular />} className={css.bar}>
          <MessageBarBody>
            <FormattedMessage id="insights.locked" />
          </MessageBarBody>
        </MessageBar>
      )}
      <p className={css.note}>
        <FormattedMessage
          id="insights.duplicates"
          values={{ how: answer.duplicates === 'left-out' ? 'once' : 'each' }}
        />
        {answer.isCut && (
          <>
            {' '}
            <FormattedMessage id="insights.cut" values={{ count: LIMIT }} />
          </>
        )}
      </p>
    </>
  )
}

/** What the columns say about eligibility, and what changes are measured against. */
export function Columns() {
  const intl = useIntl()
  const { compared } = useScope()
  return (
    <>
      <p className={css.note}>
        <FormattedMessage id="insights.eligible.note" />
      </p>
      {compared && (
        <p className={css.note}>
          <FormattedMessage
            id="insights.change.of"
            values={{
              now: monthsName(intl, compared.now),
              before: monthsName(intl, compared.before),
            }}
          />
        </p>
      )}
    </>
  )
}

/** That there is nothing is no error: it says where to ask. */
export function Empty() {
  const intl = useIntl()
  const { months } = useScope()
  const { links, mayRead } = useShownLinks()
  const without = links.filter((link) => link.warnings.includes('no-access')).length
  return (
    <Bar className={css.bar}>
      <FormattedMessage id="insights.empty" values={{ period: monthsName(intl, months) }} />{' '}
      {mayRead && (
        <FormattedMessage id="insights.empty.links" values={{ count: links.length, without }} />
      )}{' '}
      <Link to="/why-not" search={{ month: months.to }} className={css.target}>
        <FormattedMessage id="insights.whyNot" />
      </Link>
    </Bar>
  )
}

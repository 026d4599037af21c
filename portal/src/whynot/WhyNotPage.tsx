import { useNavigate, useSearch } from '@tanstack/react-router'
import { FormattedMessage, useIntl } from 'react-intl'
import { Ask } from '../explain/Ask'
import { Findings } from './Findings'

/** Why something is missing: every known cause, in order. */
export function WhyNotPage() {
  const intl = useIntl()
  const question = useSearch({ from: '/why-not' })
  const navigate = useNavigate()
  return (
    <Ask
      title={intl.formatMessage({ id: 'whynot.title' })}
      intro={
        <p>
          <FormattedMessage id="whynot.intro" />
        </p>
      }
      action={intl.formatMessage({ id: 'whynot.ask' })}
      partnerMatters
      question={question}
      ask={(search) => navigate({ to: '/why-not', search })}
      show={(answer, asked) => <Findings answer={answer} asked={asked} />}
    />
  )
}

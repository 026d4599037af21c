import { useNavigate, useSearch } from '@tanstack/react-router'
import { FormattedMessage, useIntl } from 'react-intl'
import { Answer } from './Answer'
import { Ask } from './Ask'

/** Why a figure is what it is: from the charges up to the partner. */
export function ExplainPage() {
  const intl = useIntl()
  const question = useSearch({ from: '/explain' })
  const navigate = useNavigate()
  return (
    <Ask
      title={intl.formatMessage({ id: 'explain.title' })}
      intro={
        <p>
          <FormattedMessage id="explain.intro" />
        </p>
      }
      action={intl.formatMessage({ id: 'explain.form.ask' })}
      partnerMatters={false}
      question={question}
      ask={(search) => navigate({ to: '/explain', search })}
      show={(answer, asked) => <Answer answer={answer} asked={asked} />}
    />
  )
}

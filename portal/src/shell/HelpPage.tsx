import { FormattedMessage, useIntl } from 'react-intl'
import { Page } from '../parts/Page'
import { useSigned } from './Signed'

const QUESTIONS = ['id', 'directories', 'delegated', 'access', 'missing', 'command', 'end'] as const

/** The questions that people have, and where to read more. */
export function HelpPage() {
  const intl = useIntl()
  const { session } = useSigned()
  return (
    <Page title={intl.formatMessage({ id: 'shell.help' })}>
      {QUESTIONS.map((name) => (
        <section key={name}>
          <h2>
            <FormattedMessage id={`shell.help.${name}.question` as 'shell.help.id.question'} />
          </h2>
          <p>
            <FormattedMessage
              id={`shell.help.${name}.answer` as 'shell.help.command.answer'}
              values={{ code: (text) => <code>{text}</code> }}
            />
          </p>
        </section>
      ))}
      <p>
        <FormattedMessage id="shell.help.version" values={{ version: session.version }} />
      </p>
    </Page>
  )
}

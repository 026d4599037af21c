import {
  Button,
  MessageBar,
  MessageBarActions,
  MessageBarBody,
  MessageBarTitle,
} from '@fluentui/react-components'
import { FormattedMessage, useIntl } from 'react-intl'
import { ApiError } from '../api/errors'

/** What went wrong, with what is needed to have it looked into. It stays. */
export function ErrorBox(props: {
  error: unknown
  title?: string
  /** In the reader's language; else what the service said. */
  text?: string
  retry?: () => unknown
}) {
  const intl = useIntl()
  const { error, retry } = props
  const known = error instanceof ApiError ? error : null
  const text = props.text ?? known?.message ?? intl.formatMessage({ id: 'parts.unreachable' })
  const details = [known?.code, known?.message, known?.requestId].filter(Boolean).join('\n')
  return (
    <MessageBar intent="error" layout="multiline" role="alert">
      <MessageBarBody>
        <MessageBarTitle>
          {props.title ?? intl.formatMessage({ id: 'parts.failed' })}
        </MessageBarTitle>
        {text}
        {known && (
          <p className="details">
            <FormattedMessage
              id="parts.details"
              values={{ code: known.code, request: known.requestId ?? '–' }}
            />
          </p>
        )}
      </MessageBarBody>
      <MessageBarActions>
        {retry && (
          <Button onClick={retry}>
            <FormattedMessage id="parts.retry" />
          </Button>
        )}
        {known && (
          <Button onClick={() => navigator.clipboard.writeText(details)}>
            <FormattedMessage id="parts.copy" />
          </Button>
        )}
      </MessageBarActions>
    </MessageBar>
  )
}

import type { ErrorComponentProps } from '@tanstack/react-router'
import { FormattedMessage, useIntl } from 'react-intl'
import { ErrorBox } from '../parts/ErrorBox'
import { Page } from '../parts/Page'

/** No page has this address. */
export function NotFound() {
  const intl = useIntl()
  return (
    <Page title={intl.formatMessage({ id: 'shell.notFound' })}>
      <p>
        <FormattedMessage id="shell.notFound.text" />
      </p>
    </Page>
  )
}

/** A page could not be shown. */
export function Wrong({ error, reset }: ErrorComponentProps) {
  const intl = useIntl()
  return (
    <Page title={intl.formatMessage({ id: 'shell.wrong' })}>
      <ErrorBox error={error} text={intl.formatMessage({ id: 'shell.wrong.text' })} retry={reset} />
    </Page>
  )
}

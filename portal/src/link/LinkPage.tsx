import { Button, MessageBar, MessageBarBody, Spinner } from '@fluentui/react-components'
import { useQuery } from '@tanstack/react-query'
import { useState } from 'react'
import { FormattedMessage, useIntl } from 'react-intl'
import { readLink } from '../api/client'
import { directoryName } from '../api/session'
import { ErrorBox } from '../parts/ErrorBox'
import { focusHeading, Page } from '../parts/Page'
import { openDirectories } from '../shell/DirectoryMenu'
import { useSigned } from '../shell/Signed'
import { Delegated } from './Delegated'
import css from './Link.module.css'
import { Linked } from './Linked'
import { LinkForm } from './LinkForm'

export const LINK = ['link']

/** The own link in the directory that is shown: made, looked at, changed, removed. */
export function LinkPage() {
  const intl = useIntl()
  const { account } = useSigned().session
  const link = useQuery({ queryKey: [...LINK, account.tenantId], queryFn: () => readLink() })
  const [told, setTold] = useState({ tenantId: '', text: '' })
  // What had the focus is gone: the page begins anew, with what was done.
  const setDone = (text: string) => {
    setTold({ tenantId: account.tenantId, text })
    requestAnimationFrame(focusHeading)
  }
  const done = told.tenantId === account.tenantId && told.text
  return (
    <Page title={intl.formatMessage({ id: 'link.title' })}>
      <Who />
      {done && (
        <MessageBar intent="success" layout="multiline" className={css.bar}>
          <MessageBarBody>{done}</MessageBarBody>
        </MessageBar>
      )}
      <Delegated />
      {link.isPending && <Spinner label={intl.formatMessage({ id: 'shell.loading' })} />}
      {link.isError && <ErrorBox error={link.error} retry={link.refetch} />}
      {link.data === null && <LinkForm key={account.tenantId} done={setDone} />}
      {link.data && <Linked key={account.tenantId} link={link.data} done={setDone} />}
    </Page>
  )
}

/** Linking in the wrong directory is the commonest mistake: the page says which one it is. */
function Who() {
  const { account } = useSigned().session
  const name = directoryName(account)
  return (
    <p className={css.who}>
      <span>
        <FormattedMessage
          id="link.who"
          values={{
            account: <strong>{account.name ?? account.objectId}</strong>,
            how: account.userType === 'Guest' ? 'guest' : 'member',
            directory: <strong>{name}</strong>,
            domain: account.domain ?? account.tenantId,
          }}
        />
      </span>
      <Button onClick={openDirectories}>
        <FormattedMessage id="link.switch" />
      </Button>
    </p>
  )
}

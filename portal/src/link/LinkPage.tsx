import { Button, MessageBar, MessageBarBody } from '@fluentui/react-components'
import { useQuery } from '@tanstack/react-query'
import { useState } from 'react'
import { FormattedMessage, useIntl } from 'react-intl'
import { type LinkResource, readLink } from '../api/client'
import { directoryName } from '../api/session'
import { focusHeading, Page } from '../parts/Page'
import { Waiting } from '../parts/Waiting'
import { queries } from '../queries'
import { openDirectories } from '../shell/DirectoryMenu'
import { useSigned } from '../shell/Signed'
import { Delegated } from './Delegated'
import css from './Link.module.css'
import { Linked } from './Linked'
import { LinkForm } from './LinkForm'

export const LINK = ['link']

/** What has come of what was done, and in which directory. */
interface Told {
  tenantId: string
  text: string
  intent: 'success' | 'error'
}

/** The own link in the directory that is shown: made, looked at, changed, removed. */
export function LinkPage() {
  const intl = useIntl()
  const { account } = useSigned().session
  const link = useQuery({ queryKey: [...LINK, account.tenantId], queryFn: () => readLink() })
  const [told, setTold] = useState<Told>({ tenantId: '', text: '', intent: 'success' })
  // What had the focus is gone: the page begins anew, with what was done.
  const tell = (text: string, intent: Told['intent'] = 'success') => {
    setTold({ tenantId: account.tenantId, text, intent })
    requestAnimationFrame(focusHeading)
  }
  const taken = (found: LinkResource) => {
    queries.setQueryData([...LINK, account.tenantId], found)
    const { partnerId, partnerName, updatedTime } = found.properties
    const values = {
      partner: partnerId,
      name: partnerName ?? partnerId,
      since: new Date(updatedTime),
    }
    tell(intl.formatMessage({ id: 'link.problem.conflict' }, values), 'error')
  }
  const done = told.tenantId === account.tenantId && told.text
  return (
    <Page title={intl.formatMessage({ id: 'link.title' })}>
      <Who />
      {done && (
        <MessageBar
          intent={told.intent}
          layout="multiline"
          className={css.bar}
          role={told.intent === 'error' ? 'alert' : undefined}
        >
          <MessageBarBody>{done}</MessageBarBody>
        </MessageBar>
      )}
      <Delegated />
      <Waiting for={link} />
      {link.data === null && <LinkForm key={account.tenantId} done={tell} taken={taken} />}
      {link.data && <Linked key={account.tenantId} link={link.data} done={tell} />}
    </Page>
  )
}

/** Linking in the wrong directory is the commonest mistake: the page says which one it is. */
function Who() {
  const { account } = useSigned().session
  const name = directoryName(account)
  return (
    <>
      {account.erasedTime && (
        <MessageBar intent="info" layout="multiline">
          <MessageBarBody>
            <FormattedMessage id="link.erased" values={{ at: new Date(account.erasedTime) }} />
          </MessageBarBody>
        </MessageBar>
      )}
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
    </>
  )
}

import { Button, MessageBar, MessageBarBody } from '@fluentui/react-components'
import { useState } from 'react'
import { FormattedMessage, useIntl } from 'react-intl'
import { createLink, type LinkResource, readLink } from '../api/client'
import { hasCode } from '../api/errors'
import { directoryName } from '../api/session'
import { notify } from '../parts/notices'
import { queries, SESSION } from '../queries'
import { useSigned } from '../shell/Signed'
import { AccessTable } from './AccessTable'
import { useEntry } from './entry'
import css from './Link.module.css'
import { LINK } from './LinkPage'
import { PartnerForm } from './PartnerForm'

interface Props {
  done: (text: string) => void
  /** There is a link already. */
  taken: (link: LinkResource) => void
}

/** Not linked yet. */
export function LinkForm({ done, taken }: Props) {
  const intl = useIntl()
  const { session } = useSigned()
  const { account } = session
  const entry = useEntry(account.tenantId)
  const [isPreview, setPreview] = useState(false)
  const typedIn = session.directories.find((one) => one.tenantId === entry.typedIn)

  const link = async (id: string) => {
    const made = await createLink(id).catch(async (error) => {
      // Linked in the meantime, as in another tab: what is there is shown, and can be changed.
      const other = hasCode(error, 'Conflict') ? await readLink() : null
      if (!other) throw error
      taken(other)
    })
    if (!made) return
    entry.set('')
    const text = intl.formatMessage(
      { id: 'link.done' },
      {
        partner: id,
        name: made.properties.partnerName ?? id,
        account: account.name ?? account.objectId,
        directory: directoryName(account),
        version: made.properties.version,
      },
    )
    done(text)
    notify(text)
    queries.setQueryData([...LINK, account.tenantId], made)
    queries.invalidateQueries({ queryKey: SESSION })
  }
  return (
    <>
      {typedIn && (
        <MessageBar className={css.bar} layout="multiline">
          <MessageBarBody>
            <FormattedMessage
              id="link.kept"
              values={{ entry: entry.text, directory: directoryName(typedIn) }}
            />
          </MessageBarBody>
          <Button size="small" onClick={() => entry.set('')}>
            <FormattedMessage id="link.kept.clear" />
          </Button>
        </MessageBar>
      )}
      <PartnerForm
        text={entry.text}
        setText={entry.set}
        send={link}
        action={<FormattedMessage id="link.link" />}
        suggest
      >
        <Button onClick={() => setPreview(!isPreview)} aria-expanded={isPreview}>
          <FormattedMessage id="link.preview" />
        </Button>
      </PartnerForm>
      {isPreview && <AccessTable title={intl.formatMessage({ id: 'link.access.preview' })} />}
    </>
  )
}

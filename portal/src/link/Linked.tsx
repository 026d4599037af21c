import { Button } from '@fluentui/react-components'
import { ArrowSyncRegular, EditRegular } from '@fluentui/react-icons'
import { useState } from 'react'
import { FormattedDate, FormattedMessage, useIntl } from 'react-intl'
import { changeLink, type LinkResource } from '../api/client'
import { directoryName } from '../api/session'
import { notify } from '../parts/notices'
import { queries, SESSION } from '../queries'
import { useSigned } from '../shell/Signed'
import { ACCESS, AccessTable } from './AccessTable'
import css from './Link.module.css'
import { LINK } from './LinkPage'
import { PartnerForm } from './PartnerForm'
import { Remove } from './Remove'

interface Props {
  link: LinkResource
  done: (text: string) => void
}

/** Linked: to whom, since when, and what it earns from. */
export function Linked({ link, done }: Props) {
  const intl = useIntl()
  const { account } = useSigned().session
  const [isChanging, setChanging] = useState(false)
  const { partnerId, partnerName } = link.properties
  const key = [...LINK, account.tenantId]

  const check = async () => {
    await Promise.all([
      queries.refetchQueries({ queryKey: key }),
      queries.refetchQueries({ queryKey: ACCESS }),
    ])
    notify(intl.formatMessage({ id: 'link.checked' }, { at: new Date() }))
  }
  const say = (text: string) => {
    done(text)
    notify(text)
    queries.invalidateQueries({ queryKey: SESSION })
  }
  const values = {
    account: account.name ?? account.objectId,
    directory: directoryName(account),
  }
  return (
    <>
      <Facts link={link} />
      {isChanging ? (
        <Change
          link={link}
          cancel={() => setChanging(false)}
          changed={(made) => {
            setChanging(false)
            queries.setQueryData(key, made)
            const { partnerId: partner, partnerName: name, version } = made.properties
            say(
              intl.formatMessage(
                { id: 'link.changed' },
                { ...values, partner, name: name ?? partner, version },
              ),
            )
          }}
        />
      ) : (
        <div className={css.buttons}>
          <Button icon={<EditRegular />} onClick={() => setChanging(true)}>
            <FormattedMessage id="link.change" />
          </Button>
          <Remove
            partnerId={partnerId}
            partnerName={partnerName ?? partnerId}
            removed={() => {
              queries.setQueryData(key, null)
              const name = partnerName ?? partnerId
              say(
                intl.formatMessage({ id: 'link.removed' }, { ...values, partner: partnerId, name }),
              )
            }}
          />
          <Button icon={<ArrowSyncRegular />} onClick={check}>
            <FormattedMessage id="link.check" />
          </Button>
        </div>
      )}
      <AccessTable title={intl.formatMessage({ id: 'link.access' })} warn />
    </>
  )
}

function Facts({ link }: { link: LinkResource }) {
  const { partnerId, partnerName, createdTime, updatedTime, version } = link.properties
  return (
    <dl className={css.facts}>
      <dt>
        <FormattedMessage id="link.facts.partner" />
      </dt>
      <dd lang="">{partnerName ?? '–'}</dd>
      <dt>
        <FormattedMessage id="link.field" />
      </dt>
      <dd>{partnerId}</dd>
      <dt>
        <FormattedMessage id="link.facts.since" />
      </dt>
      <dd>
        <FormattedDate value={createdTime} dateStyle="long" timeStyle="short" />
      </dd>
      <dt>
        <FormattedMessage id="link.facts.changed" />
      </dt>
      <dd>
        <FormattedDate value={updatedTime} dateStyle="long" timeStyle="short" />
      </dd>
      <dt>
        <FormattedMessage id="link.facts.version" />
      </dt>
      <dd>{version}</dd>
    </dl>
  )
}

function Change(props: {
  link: LinkResource
  changed: (link: LinkResource) => void
  cancel: () => void
}) {
  const [text, setText] = useState('')
  const { partnerId, partnerName } = props.link.properties
  return (
    <>
      <h2>
        <FormattedMessage
          id="link.change.from"
          values={{ partner: partnerId, name: partnerName ?? partnerId }}
        />
      </h2>
      <PartnerForm
        text={text}
        setText={setText}
        send={async (id) => props.changed(await changeLink(id))}
        action={<FormattedMessage id="link.change.send" />}
        focus
      >
        <Button onClick={props.cancel}>
          <FormattedMessage id="parts.cancel" />
        </Button>
      </PartnerForm>
    </>
  )
}

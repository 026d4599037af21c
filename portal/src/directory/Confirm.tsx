import { Button } from '@fluentui/react-components'
import { useState } from 'react'
import { FormattedMessage } from 'react-intl'
import { type Privacy, setPrivacy } from '../api/client'
import { ErrorBox } from '../parts/ErrorBox'
import { Question } from '../parts/Question'

/** Asks once more, with what partners will see. */
export function Confirm(props: {
  level: Privacy
  directory: string
  close: () => void
  changed: () => void
}) {
  const [error, setError] = useState<unknown>(null)
  const change = async () => {
    try {
      await setPrivacy(props.level)
      props.changed()
    } catch (reason) {
      setError(reason)
    }
  }
  return (
    <Question
      title={<FormattedMessage id="directory.confirm" />}
      setOpen={(isOpen) => !isOpen && props.close()}
      answers={
        <>
          <Button appearance="primary" onClick={change}>
            <FormattedMessage id="directory.confirm.change" />
          </Button>
          <Button onClick={props.close}>
            <FormattedMessage id="parts.cancel" />
          </Button>
        </>
      }
    >
      <p>
        <FormattedMessage id="directory.confirm.text" values={{ directory: props.directory }} />
      </p>
      <p>
        <strong>
          <FormattedMessage id={`directory.level.${props.level}` as 'directory.level.full'} />
        </strong>
        <br />
        <FormattedMessage id={`directory.explained.${props.level}` as 'directory.explained.full'} />
      </p>
      {error != null && <ErrorBox error={error} />}
    </Question>
  )
}

import { Button, MessageBar, MessageBarBody, Radio, RadioGroup } from '@fluentui/react-components'
import { useState } from 'react'
import { FormattedMessage, useIntl } from 'react-intl'
import type { Privacy } from '../api/client'
import { notify } from '../parts/notices'
import { queries } from '../queries'
import { Confirm } from './Confirm'
import css from './Directory.module.css'
import { AUDIT } from './data'

const LEVELS: Privacy[] = ['full', 'subscription', 'tenant-total', 'masked']

/** How much partners see of the directory, and the switch. */
export function Seen({ level, directory }: { level: Privacy; directory: string }) {
  const intl = useIntl()
  const [chosen, setChosen] = useState<Privacy>(level)
  const [isAsking, setAsking] = useState(false)
  const [said, setSaid] = useState<'same' | 'changed' | null>(null)
  const name = (of: Privacy) =>
    intl.formatMessage({ id: `directory.level.${of}` as 'directory.level.full' })

  const send = () => {
    setSaid(chosen === level ? 'same' : null)
    setAsking(chosen !== level)
  }
  const changed = async () => {
    setAsking(false)
    await queries.invalidateQueries({ queryKey: AUDIT })
    setSaid('changed')
    notify(intl.formatMessage({ id: 'directory.seen.changed' }, { directory, level: name(chosen) }))
  }
  return (
    <section>
      <h2>
        <FormattedMessage id="directory.seen" values={{ directory }} />
      </h2>
      <p>
        <FormattedMessage
          id="directory.seen.now"
          values={{ level: <strong>{name(level)}</strong> }}
        />
      </p>
      <Levels
        name={intl.formatMessage({ id: 'directory.seen' }, { directory })}
        chosen={chosen}
        choose={(one) => {
          setChosen(one)
          setSaid(null)
        }}
      />
      <div className={css.bar}>
        <Button onClick={send}>
          <FormattedMessage id="directory.seen.change" />
        </Button>
      </div>
      <div role="status">
        {said && <Said what={said} values={{ directory, level: name(chosen) }} />}
      </div>
      {isAsking && (
        <Confirm
          level={chosen}
          directory={directory}
          close={() => setAsking(false)}
          changed={changed}
        />
      )}
    </section>
  )
}

/** The levels, each with what it means. */
function Levels(props: { name: string; chosen: Privacy; choose: (level: Privacy) => void }) {
  return (
    <RadioGroup
      value={props.chosen}
      onChange={(_, { value }) => props.choose(value as Privacy)}
      aria-label={props.name}
    >
      {LEVELS.map((one) => (
        <Radio
          key={one}
          value={one}
          label={
            <>
              <FormattedMessage id={`directory.level.${one}` as 'directory.level.full'} />
              <span className={css.explained}>
                <FormattedMessage id={`directory.explained.${one}` as 'directory.explained.full'} />
              </span>
            </>
          }
        />
      ))}
    </RadioGroup>
  )
}

function Said(props: { what: 'same' | 'changed'; values: { directory: string; level: string } }) {
  const isSame = props.what === 'same'
  return (
    <MessageBar intent={isSame ? 'info' : 'success'} className={css.note}>
      <MessageBarBody>
        <FormattedMessage
          id={isSame ? 'directory.seen.same' : 'directory.seen.changed'}
          values={props.values}
        />
      </MessageBarBody>
    </MessageBar>
  )
}

import { Button, Checkbox, Field, Input } from '@fluentui/react-components'
import { SearchRegular } from '@fluentui/react-icons'
import { useState } from 'react'
import { FormattedMessage, useIntl } from 'react-intl'
import type { OwnDirectory } from '../api/client'
import { directoryName } from '../api/session'
import { Bar } from '../parts/Bar'
import { ErrorBox } from '../parts/ErrorBox'
import { fold } from '../parts/fold'
import { useSigned } from '../shell/Signed'
import { useCredited } from './credited'
import { DirectoryTable } from './DirectoryTable'
import css from './Links.module.css'
import type { Intent } from './plan'
import { type Column, useSorted } from './sort'

interface Props {
  directories: OwnDirectory[]
  chosen: ReadonlySet<string>
  choose: (chosen: ReadonlySet<string>) => void
  /** A plan is asked for. */
  want: (intent: Intent) => void
}

/** The directories of the person: searched, sorted, chosen for a plan. */
export function Directories({ directories, chosen, choose, want }: Props) {
  const intl = useIntl()
  const credited = useCredited()
  const [search, setSearch] = useState('')
  const [unlinkedOnly, setUnlinkedOnly] = useState(false)
  const [column, setColumn] = useState<Column>('directory')
  const [isDown, setDown] = useState(false)
  const shown = useSorted(
    directories.filter((one) => (!unlinkedOnly || !one.link) && matches(one, search)),
    { column, isDown, credited: credited.data ?? {} },
  )
  const sortBy = (wanted: Column) => {
    setDown(wanted === column && !isDown)
    setColumn(wanted)
  }
  return (
    <>
      <div className={css.filters}>
        <Field label={intl.formatMessage({ id: 'links.search' })}>
          <Input
            type="search"
            value={search}
            onChange={(_, { value }) => setSearch(value)}
            contentBefore={<SearchRegular />}
          />
        </Field>
        <Checkbox
          checked={unlinkedOnly}
          onChange={(_, { checked }) => setUnlinkedOnly(checked === true)}
          label={intl.formatMessage({ id: 'links.unlinkedOnly' })}
        />
      </div>
      <Wanted
        count={chosen.size}
        hidden={[...chosen].filter((id) => !shown.some((one) => one.tenantId === id)).length}
        want={want}
      />
      <p role="status" className={css.count}>
        <FormattedMessage
          id="links.shown"
          values={{ count: shown.length, all: directories.length }}
        />
      </p>
      {shown.length > 0 && (
        <DirectoryTable
          directories={shown}
          chosen={chosen}
          choose={choose}
          credited={credited.data}
          sort={{ column, isDown, sortBy }}
        />
      )}
      <CreditedNote error={credited.error} retry={credited.refetch} />
    </>
  )
}

function matches(one: OwnDirectory, search: string) {
  const wanted = fold(search.trim())
  const { tenantName, domain, tenantId, name, link } = one
  return [tenantName, domain, tenantId, name, link?.partnerId, link?.partnerName].some(
    (text) => text && fold(text).includes(wanted),
  )
}

const INTENTS: Intent[] = ['link', 'change', 'remove']

/** What can be done with those that are chosen. */
function Wanted(props: { count: number; hidden: number; want: (intent: Intent) => void }) {
  const [isTooEarly, setTooEarly] = useState(false)
  const ask = (intent: Intent) => {
    setTooEarly(props.count === 0)
    if (props.count > 0) props.want(intent)
  }
  return (
    <>
      <div className={css.bar}>
        {INTENTS.map((intent) => (
          <Button
            key={intent}
            appearance={intent === 'link' ? 'primary' : 'secondary'}
            onClick={() => ask(intent)}
          >
            <FormattedMessage id={`links.want.${intent}` as 'links.want.link'} />
          </Button>
        ))}
        <span role="status">
          <FormattedMessage
            id="links.chosen"
            values={{ count: props.count, hidden: props.hidden }}
          />
        </span>
      </div>
      {isTooEarly && props.count === 0 && (
        <Bar intent="warning" role="alert" className={css.note}>
          <FormattedMessage id="links.chooseFirst" />
        </Bar>
      )}
    </>
  )
}

/** What the last month with credit says, and to whom it is not said. */
function CreditedNote({ error, retry }: { error: unknown; retry: () => unknown }) {
  const { account, roles } = useSigned().session
  if (error) return <ErrorBox error={error} retry={retry} />
  return (
    <p className={css.small}>
      {roles.viewer ? (
        <FormattedMessage id="links.credited.note" />
      ) : (
        <FormattedMessage
          id="links.credited.noViewer"
          values={{ directory: directoryName(account) }}
        />
      )}
    </p>
  )
}

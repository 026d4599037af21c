import {
  Button,
  Input,
  Popover,
  PopoverSurface,
  PopoverTrigger,
  ToggleButton,
} from '@fluentui/react-components'
import { ChevronDownRegular, SearchRegular, StarFilled, StarRegular } from '@fluentui/react-icons'
import { useState } from 'react'
import { FormattedMessage, useIntl } from 'react-intl'
import { signOut } from '../api/client'
import { type Directory, directoryName } from '../api/session'
import { ErrorBox } from '../parts/ErrorBox'
import { fold } from '../parts/fold'
import { notify } from '../parts/notices'
import { focusHeading } from '../parts/Page'
import { useFavourites } from './favourites'
import css from './Shell.module.css'
import { tellOtherTabs, useSigned } from './Signed'

const BUTTON = 'directory-button'

/** Opens the menu from elsewhere on the page. */
export const openDirectories = () => document.getElementById(BUTTON)?.click()

/** Who is signed in, where, and the way elsewhere. Always visible. */
export function DirectoryMenu() {
  const { session } = useSigned()
  const [isOpen, setOpen] = useState(false)
  const { account } = session
  return (
    <Popover open={isOpen} onOpenChange={(_, { open }) => setOpen(open)} trapFocus>
      <PopoverTrigger disableButtonEnhancement>
        <Button
          appearance="transparent"
          id={BUTTON}
          className={css.who}
          icon={<ChevronDownRegular />}
          iconPosition="after"
        >
          <span>
            <span className={css.account}>{account.name ?? account.objectId}</span>
            <span className={css.directory}>
              <FormattedMessage id="shell.directory" values={{ name: directoryName(account) }} />
            </span>
          </span>
        </Button>
      </PopoverTrigger>
      <PopoverSurface className={css.surface}>
        <Directories close={() => setOpen(false)} />
      </PopoverSurface>
    </Popover>
  )
}

function Directories({ close }: { close: () => void }) {
  const intl = useIntl()
  const { session, switchTo } = useSigned()
  const favourites = useFavourites()
  const [search, setSearch] = useState('')
  const [error, setError] = useState<unknown>(null)
  const wanted = fold(search.trim())
  const matches = (directory: Directory) =>
    [directory.tenantName, directory.domain, directory.tenantId].some(
      (text) => text && fold(text).includes(wanted),
    )
  const rank = (directory: Directory) => (favourites.has(directory.tenantId) ? 0 : 1)
  const shown = session.directories
    .filter(matches)
    .sort(
      (one, other) =>
        rank(one) - rank(other) ||
        directoryName(one).localeCompare(directoryName(other), intl.locale),
    )

  const go = async (directory: Directory) => {
    try {
      await switchTo(directory.tenantId)
      close()
      const name = directoryName(directory)
      notify(intl.formatMessage({ id: 'shell.switched' }, { name }))
      requestAnimationFrame(focusHeading)
    } catch (reason) {
      setError(reason)
    }
  }
  return (
    <>
      <h2>
        <FormattedMessage id="shell.directories" />
      </h2>
      {error != null && <ErrorBox error={error} />}
      <Input
        type="search"
        className={css.search}
        value={search}
        onChange={(_, { value }) => setSearch(value)}
        contentBefore={<SearchRegular />}
        aria-label={intl.formatMessage({ id: 'shell.directories.search' })}
      />
      <p className="hidden" role="status">
        <FormattedMessage id="shell.directories.found" values={{ count: shown.length }} />
      </p>
      <ul className={css.rows}>
        {shown.map((directory) => (
          <Row
            key={directory.tenantId}
            directory={directory}
            isCurrent={directory.tenantId === session.account.tenantId}
            isFavourite={favourites.has(directory.tenantId)}
            toggle={() => favourites.toggle(directory.tenantId)}
            go={() => go(directory)}
          />
        ))}
      </ul>
      <SignOut />
    </>
  )
}

function Row(props: {
  directory: Directory
  isCurrent: boolean
  isFavourite: boolean
  toggle: () => void
  go: () => void
}) {
  const intl = useIntl()
  const { directory, isFavourite } = props
  const name = directoryName(directory)
  return (
    <li className={css.row}>
      <ToggleButton
        appearance="subtle"
        checked={isFavourite}
        icon={isFavourite ? <StarFilled /> : <StarRegular />}
        aria-label={intl.formatMessage({ id: 'shell.directories.favourite' }, { name })}
        onClick={props.toggle}
      />
      <div>
        <p className={css.name} lang="">
          {name}
        </p>
        <p className={css.small}>
          {directory.domain} ·{' '}
          <span title={directory.tenantId}>{directory.tenantId.slice(0, 8)}</span> ·{' '}
          <FormattedMessage id={`shell.how.${directory.how}` as 'shell.how.guest'} />
        </p>
        <p className={css.small}>
          {directory.link ? (
            <FormattedMessage
              id="shell.directories.linked"
              values={{
                partner: directory.link.partnerId,
                name: directory.link.partnerName ?? directory.link.partnerId,
              }}
            />
          ) : (
            <FormattedMessage id="shell.directories.notLinked" />
          )}
        </p>
      </div>
      {props.isCurrent ? (
        <span className={css.small}>
          ✔ <FormattedMessage id="shell.directories.current" />
        </span>
      ) : (
        <Button
          onClick={props.go}
          aria-label={intl.formatMessage({ id: 'shell.directories.switchTo' }, { name })}
        >
          <FormattedMessage id="shell.directories.switch" />
        </Button>
      )}
    </li>
  )
}

function SignOut() {
  const [error, setError] = useState<unknown>(null)
  const leave = async (everywhere: boolean) => {
    try {
      await signOut(everywhere)
      tellOtherTabs()
      window.location.assign('/portal/signed-out')
    } catch (reason) {
      setError(reason)
    }
  }
  return (
    <div className={css.end}>
      {error != null && <ErrorBox error={error} />}
      <Button onClick={() => leave(false)}>
        <FormattedMessage id="shell.signOut" />
      </Button>
      <Button appearance="subtle" onClick={() => leave(true)}>
        <FormattedMessage id="shell.signOut.everywhere" />
      </Button>
    </div>
  )
}

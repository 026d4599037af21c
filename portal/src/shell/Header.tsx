import { Button } from '@fluentui/react-components'
import { NavigationRegular, QuestionCircleRegular } from '@fluentui/react-icons'
import { Link } from '@tanstack/react-router'
import { FormattedMessage, useIntl } from 'react-intl'
import { DirectoryMenu } from './DirectoryMenu'
import { Bell } from './Notices'
import { SearchBox } from './SearchBox'
import { Settings } from './Settings'
import css from './Shell.module.css'
import { useSigned } from './Signed'

export function Header(props: { menuIsOpen: boolean; toggleMenu: () => void }) {
  const intl = useIntl()
  const { session } = useSigned()
  return (
    <header className={css.header}>
      <Button
        className={css.menuButton}
        appearance="transparent"
        icon={<NavigationRegular />}
        aria-label={intl.formatMessage({ id: 'shell.menu' })}
        aria-expanded={props.menuIsOpen}
        aria-controls="navigation"
        onClick={props.toggleMenu}
      />
      <Link to="/link" className={css.brand}>
        Partner Admin Link
      </Link>
      {session.demo && (
        <span className={css.demo}>
          <FormattedMessage id="shell.demo" />
        </span>
      )}
      <SearchBox />
      <Bell />
      <Link to="/help" className={css.icon} aria-label={intl.formatMessage({ id: 'shell.help' })}>
        <QuestionCircleRegular />
      </Link>
      <Settings />
      <DirectoryMenu />
    </header>
  )
}

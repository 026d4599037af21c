import {
  BuildingRegular,
  ChartMultipleRegular,
  LinkMultipleRegular,
  LinkRegular,
  QuestionRegular,
  SearchInfoRegular,
  SearchRegular,
  ServerRegular,
} from '@fluentui/react-icons'
import { Link } from '@tanstack/react-router'
import { useEffect, useRef } from 'react'
import { FormattedMessage, useIntl } from 'react-intl'
import css from './Shell.module.css'
import { useSigned } from './Signed'

/** The pages; the last two only for those who have the role. */
export function Navigation({ isOpen, close }: { isOpen: boolean; close: () => void }) {
  const intl = useIntl()
  const { roles } = useSigned().session
  const list = useRef<HTMLUListElement>(null)
  useEffect(() => {
    if (isOpen) list.current?.querySelector('a')?.focus()
  }, [isOpen])
  const pages = [
    { to: '/link', icon: <LinkRegular />, id: 'shell.nav.link', shown: true },
    { to: '/links', icon: <LinkMultipleRegular />, id: 'shell.nav.links', shown: true },
    { to: '/insights', icon: <ChartMultipleRegular />, id: 'shell.nav.insights', shown: true },
    { to: '/explain', icon: <SearchInfoRegular />, id: 'shell.nav.explain', shown: true },
    { to: '/why-not', icon: <QuestionRegular />, id: 'shell.nav.whyNot', shown: true },
    { to: '/search', icon: <SearchRegular />, id: 'shell.nav.search', shown: true },
    {
      to: '/directory',
      icon: <BuildingRegular />,
      id: 'shell.nav.directory',
      shown: roles.auditor,
    },
    { to: '/operator', icon: <ServerRegular />, id: 'shell.nav.operator', shown: roles.operator },
  ] as const
  return (
    <nav
      id="navigation"
      className={`${css.navigation} ${isOpen ? css.open : ''}`}
      aria-label={intl.formatMessage({ id: 'shell.nav' })}
    >
      <ul ref={list}>
        {pages
          .filter((page) => page.shown)
          .map((page) => (
            <li key={page.to} className={page.to === '/search' ? css.narrow : undefined}>
              <Link to={page.to} onClick={close}>
                {page.icon}
                <FormattedMessage id={page.id} />
              </Link>
            </li>
          ))}
      </ul>
    </nav>
  )
}

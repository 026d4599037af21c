import { Outlet } from '@tanstack/react-router'
import { useState } from 'react'
import { FormattedMessage } from 'react-intl'
import { Header } from './Header'
import { Navigation } from './Navigation'
import { Toast } from './Notices'
import css from './Shell.module.css'

/** What is around every page. */
export function Shell() {
  const [isOpen, setOpen] = useState(false)
  return (
    <>
      <a className={css.skip} href="#main">
        <FormattedMessage id="shell.skip" />
      </a>
      <Header menuIsOpen={isOpen} toggleMenu={() => setOpen(!isOpen)} />
      <div className={css.body}>
        <Navigation isOpen={isOpen} close={() => setOpen(false)} />
        <main id="main" tabIndex={-1} className={css.main}>
          <Outlet />
        </main>
      </div>
      <Toast />
    </>
  )
}

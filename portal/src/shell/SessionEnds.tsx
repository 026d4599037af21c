import { Button } from '@fluentui/react-components'
import { useEffect, useState } from 'react'
import { FormattedMessage, FormattedTime } from 'react-intl'
import { keepSession, signInAddress } from '../api/client'
import { directoryName, type Session } from '../api/session'
import { useLanguage } from '../i18n/Texts'
import { Question } from '../parts/Question'
import { queries, SESSION } from '../queries'
import { here, useSigned } from './Signed'

/** The session has ended; what was typed stays, and is there again after signing in. */
export function Over() {
  const { language } = useLanguage()
  const { session } = useSigned()
  const back = () =>
    window.location.assign(signInAddress(here(), language, session.account.tenantId))
  return (
    <Question
      title={<FormattedMessage id="shell.over.title" />}
      answers={
        <Button appearance="primary" onClick={back}>
          <FormattedMessage id="shell.signIn" />
        </Button>
      }
    >
      <FormattedMessage id="shell.over.text" />
    </Question>
  )
}

/** Another tab has gone to another directory. */
export function Elsewhere({ now, shown }: { now: Session; shown: Session }) {
  const { switchTo } = useSigned()
  const names = { now: directoryName(now.account), shown: directoryName(shown.account) }
  return (
    <Question
      title={<FormattedMessage id="shell.elsewhere.title" values={names} />}
      answers={
        <>
          <Button appearance="primary" onClick={() => window.location.reload()}>
            <FormattedMessage id="shell.elsewhere.reload" values={names} />
          </Button>
          <Button onClick={() => switchTo(shown.account.tenantId)}>
            <FormattedMessage id="shell.elsewhere.back" values={names} />
          </Button>
        </>
      }
    >
      <FormattedMessage id="shell.elsewhere.text" values={names} />
    </Question>
  )
}

/** How long before its end a session says so. */
const NOTICE = 120_000

/** Two minutes before the session ends, with the way to go on. */
export function Ending({ session }: { session: Session }) {
  const ends = Date.parse(session.expiresAt)
  const [isNear, setNear] = useState(false)
  useEffect(() => {
    setNear(ends - Date.now() <= NOTICE)
    const again = () => queries.invalidateQueries({ queryKey: SESSION })
    // Other tabs may have used the session: ask before saying anything, and when it should be over.
    const timers = [ends - NOTICE, ends + 1000]
      .map((at) => at - Date.now())
      .filter((wait) => wait > 0)
      .map((wait) => setTimeout(() => again().then(() => setNear(true)), wait))
    return () => timers.forEach(clearTimeout)
  }, [ends])
  if (!isNear || ends - Date.now() > NOTICE) return null
  const keep = async () => queries.setQueryData(SESSION, await keepSession())
  return (
    <Question
      title={<FormattedMessage id="shell.ending.title" />}
      answers={
        <Button appearance="primary" onClick={keep}>
          <FormattedMessage id="shell.ending.keep" />
        </Button>
      }
    >
      <FormattedMessage
        id="shell.ending.text"
        values={{ at: <FormattedTime value={ends} hour="numeric" minute="2-digit" /> }}
      />
    </Question>
  )
}

/** After signing out. */
export function SignedOut() {
  const { language } = useLanguage()
  return (
    <main className="alone">
      <h1>
        <FormattedMessage id="shell.signedOut.title" />
      </h1>
      <p>
        <FormattedMessage id="shell.signedOut.text" />
      </p>
      <a href={signInAddress('/portal/', language)}>
        <FormattedMessage id="shell.signIn" />
      </a>
    </main>
  )
}

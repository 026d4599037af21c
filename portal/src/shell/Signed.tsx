import { Spinner } from '@fluentui/react-components'
import { useQuery } from '@tanstack/react-query'
import {
  createContext,
  type ReactNode,
  use,
  useCallback,
  useEffect,
  useMemo,
  useState,
} from 'react'
import { useIntl } from 'react-intl'
import { readSession, signInAddress, switchDirectory } from '../api/client'
import { hasCode } from '../api/errors'
import { isSame, remember, type Session } from '../api/session'
import { useLanguage } from '../i18n/Texts'
import { ErrorBox } from '../parts/ErrorBox'
import { queries, SESSION } from '../queries'
import { Elsewhere, Ending, Over, SignedOut } from './SessionEnds'

interface SignedIn {
  session: Session
  /** To another directory of the person. */
  switchTo: (tenantId: string) => Promise<void>
}

const Context = createContext<SignedIn | null>(null)

/** The session that is shown. There is one wherever pages are. */
export function useSigned(): SignedIn {
  const signed = use(Context)
  if (!signed) throw new Error('there is no session')
  return signed
}

/** Other tabs of this browser, which share its session. */
const tabs = new BroadcastChannel('openpal')

/** This page, to come back to. */
export const here = () => window.location.pathname + window.location.search

/**
 * What is inside is shown to somebody who is signed in; everybody else is led to the sign-in.
 *
 * The browser has one session. When another tab takes it to another directory, this one goes on
 * showing, and acting in, its own (with a token that the service no longer takes) until it is told.
 */
export function Signed({ children }: { children: ReactNode }) {
  const intl = useIntl()
  const { language } = useLanguage()
  const [shown, setShown] = useState<Session | null>(null)
  const found = useQuery({
    queryKey: SESSION,
    queryFn: readSession,
    refetchInterval: 60_000,
    refetchOnWindowFocus: 'always',
  })
  const now = found.data
  const isOut = window.location.pathname === '/portal/signed-out'

  const show = useCallback((session: Session) => {
    remember(session)
    setShown(session)
  }, [])
  useEffect(() => {
    if (now && (!shown || isSame(now, shown))) show(now)
    if (now === null && !shown && !isOut) {
      window.location.replace(signInAddress(here(), language))
    }
  }, [now, shown, show, isOut, language])
  useEffect(() => {
    const told = () => queries.invalidateQueries({ queryKey: SESSION })
    tabs.addEventListener('message', told)
    return () => tabs.removeEventListener('message', told)
  }, [])

  const switchTo = useCallback(
    async (tenantId: string) => {
      try {
        const next = await switchDirectory(tenantId)
        if (next) show(next)
        queries.setQueryData(SESSION, next)
        queries.removeQueries({ predicate: (query) => query.queryKey[0] !== SESSION[0] })
        tabs.postMessage('switched')
      } catch (error) {
        // Who somebody is there, only another issuer knows.
        if (!hasCode(error, 'SignInRequired')) throw error
        window.location.assign(signInAddress(here(), language, tenantId))
      }
    },
    [show, language],
  )
  const signed = useMemo(() => shown && { session: shown, switchTo }, [shown, switchTo])

  if (isOut && !shown) return <SignedOut />
  if (!signed) {
    if (found.isError) return <ErrorBox error={found.error} retry={found.refetch} />
    return <Spinner className="waiting" label={intl.formatMessage({ id: 'shell.loading' })} />
  }
  return (
    <Context value={signed}>
      {children}
      {now === null && <Over />}
      {now && !isSame(now, signed.session) && <Elsewhere now={now} shown={signed.session} />}
      {now && <Ending session={now} />}
    </Context>
  )
}

export const tellOtherTabs = () => tabs.postMessage('changed')

import { useQuery } from '@tanstack/react-query'
import { useState } from 'react'
import { FormattedMessage, useIntl } from 'react-intl'
import { readOwnDirectories } from '../api/client'
import { focusHeading, Page } from '../parts/Page'
import { Waiting } from '../parts/Waiting'
import { useSigned } from '../shell/Signed'
import { Directories } from './Directories'
import { Plan } from './Plan'
import type { Intent } from './plan'

/** The key of the person's directories. */
export const LINKS = ['links']

/** The links of the person in all its directories, and changes of many at once. */
export function LinksPage() {
  const intl = useIntl()
  const { account } = useSigned().session
  const links = useQuery({ queryKey: [...LINKS, account.tenantId], queryFn: readOwnDirectories })
  const [chosen, setChosen] = useState<ReadonlySet<string>>(new Set())
  const [intent, setIntent] = useState<Intent | null>(null)
  const directories = links.data
  const back = () => {
    setIntent(null)
    setChosen(new Set())
    requestAnimationFrame(focusHeading)
  }
  return (
    <Page title={intl.formatMessage({ id: 'links.title' })}>
      <Waiting for={links} />
      {directories && !intent && (
        <>
          <p>
            <FormattedMessage id="links.intro" />
          </p>
          <Directories
            directories={directories}
            chosen={chosen}
            choose={setChosen}
            want={setIntent}
          />
        </>
      )}
      {directories && intent && (
        <Plan
          intent={intent}
          directories={directories.filter((one) => chosen.has(one.tenantId))}
          back={back}
        />
      )}
    </Page>
  )
}

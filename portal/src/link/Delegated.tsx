import { Button, MessageBar, MessageBarActions, MessageBarBody } from '@fluentui/react-components'
import { useQueries } from '@tanstack/react-query'
import { FormattedMessage } from 'react-intl'
import { readOwnAccess } from '../api/client'
import { directoryName } from '../api/session'
import { useSigned } from '../shell/Signed'
import css from './Link.module.css'

/**
 * Access to this customer that the person has by a delegation to another of its directories: the link
 * that counts is there (R18).
 */
export function Delegated() {
  const { session, switchTo } = useSigned()
  const here = session.account.tenantId
  const homes = session.directories.filter((one) => one.how === 'member' && one.tenantId !== here)
  const found = useQueries({
    queries: homes.map((home) => ({
      queryKey: ['access', home.tenantId],
      queryFn: () => readOwnAccess(home.tenantId),
    })),
  })
  const home = homes.find((_, index) =>
    found[index]?.data?.some(
      (grant) => grant.customerTenantId === here && !grant.eligibleOnly && !grant.denied,
    ),
  )
  if (!home) return null
  const directory = directoryName(home)
  return (
    <MessageBar className={css.bar} layout="multiline">
      <MessageBarBody>
        <FormattedMessage id="link.delegated" values={{ directory }} />
      </MessageBarBody>
      <MessageBarActions>
        <Button onClick={() => switchTo(home.tenantId)}>
          <FormattedMessage id="shell.directories.switchTo" values={{ name: directory }} />
        </Button>
      </MessageBarActions>
    </MessageBar>
  )
}

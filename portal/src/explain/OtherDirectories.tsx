import { Button } from '@fluentui/react-components'
import { useQuery } from '@tanstack/react-query'
import { FormattedMessage, useIntl } from 'react-intl'
import { readOwnDirectories } from '../api/client'
import { directoryName } from '../api/session'
import { notify } from '../parts/notices'
import { focusHeading } from '../parts/Page'
import { useSigned } from '../shell/Signed'
import css from './Explain.module.css'
import { readersOf } from './question'

/** The person's other directories in which questions are answered: one click away. */
export function OtherDirectories() {
  const intl = useIntl()
  const { session, switchTo } = useSigned()
  const { tenantId } = session.account
  const found = useQuery({ queryKey: ['directories', tenantId], queryFn: readOwnDirectories })
  const others = (found.data ?? []).filter(
    (one) => one.tenantId !== tenantId && readersOf(one.roles).length > 0,
  )
  const go = async (to: string, name: string) => {
    await switchTo(to)
    notify(intl.formatMessage({ id: 'shell.switched' }, { name }))
    focusHeading()
  }
  if (others.length === 0) return null
  return (
    <>
      <p>
        <FormattedMessage id="explain.elsewhere" />
      </p>
      <div className={css.buttons}>
        {others.map((one) => (
          <Button key={one.tenantId} onClick={() => go(one.tenantId, directoryName(one))}>
            <FormattedMessage
              id="shell.directories.switchTo"
              values={{ name: <span lang="">{directoryName(one)}</span> }}
            />
          </Button>
        ))}
      </div>
    </>
  )
}

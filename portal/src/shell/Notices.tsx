import { Button, Popover, PopoverSurface, PopoverTrigger } from '@fluentui/react-components'
import { AlertRegular, DismissRegular } from '@fluentui/react-icons'
import { useEffect, useState } from 'react'
import { FormattedMessage, FormattedTime, useIntl } from 'react-intl'
import { markSeen, useNotices, useUnseen } from '../parts/notices'
import css from './Shell.module.css'

/** How long a toast stays. It is in the list behind the bell, too. */
const SHOWN = 10_000

/** The last thing that was done, read out politely. */
export function Toast() {
  const intl = useIntl()
  const [last] = useNotices()
  const [closed, setClosed] = useState(0)
  useEffect(() => {
    if (!last) return
    const timer = setTimeout(() => setClosed(last.id), SHOWN)
    return () => clearTimeout(timer)
  }, [last])
  const isShown = last !== undefined && closed < last.id
  return (
    <div role="status">
      {isShown && (
        <div className={css.toast}>
          <span>{last.text}</span>
          <Button
            appearance="subtle"
            size="small"
            icon={<DismissRegular />}
            aria-label={intl.formatMessage({ id: 'parts.close' })}
            onClick={() => setClosed(last.id)}
          />
        </div>
      )}
    </div>
  )
}

/** What was done since the pages were opened. */
export function Bell() {
  const intl = useIntl()
  const notices = useNotices()
  const unseen = useUnseen()
  return (
    <Popover onOpenChange={(_, { open }) => open && markSeen()} trapFocus>
      <PopoverTrigger disableButtonEnhancement>
        <Button
          appearance="transparent"
          className={css.bell}
          icon={<AlertRegular />}
          aria-label={intl.formatMessage({ id: 'shell.notices.count' }, { count: unseen })}
        >
          {unseen > 0 && <span className={css.count}>{unseen}</span>}
        </Button>
      </PopoverTrigger>
      <PopoverSurface
        className={css.surface}
        aria-label={intl.formatMessage({ id: 'shell.notices' })}
      >
        <h2>
          <FormattedMessage id="shell.notices" />
        </h2>
        {notices.length === 0 && <FormattedMessage id="shell.notices.none" />}
        <ul className={css.rows}>
          {notices.map((notice) => (
            <li key={notice.id}>
              <p>{notice.text}</p>
              <p className={css.small}>
                <FormattedTime value={notice.at} />
              </p>
            </li>
          ))}
        </ul>
      </PopoverSurface>
    </Popover>
  )
}

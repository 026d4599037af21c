import { Button } from '@fluentui/react-components'
import { CopyRegular } from '@fluentui/react-icons'
import { useIntl } from 'react-intl'
import { notify } from '../parts/notices'
import css from './Operator.module.css'

/** A long number in few characters, and all of it for the clipboard. `of` = what it is of. */
export function Hash({ value, of }: { value: string; of: string }) {
  const intl = useIntl()
  const copy = async () => {
    await navigator.clipboard.writeText(value)
    notify(intl.formatMessage({ id: 'operator.copied' }, { of }))
  }
  return (
    <span className={css.hash}>
      <code title={value}>{value.slice(0, 12)}…</code>
      <Button
        appearance="subtle"
        size="small"
        icon={<CopyRegular />}
        aria-label={intl.formatMessage({ id: 'operator.copy' }, { of })}
        onClick={copy}
      />
    </span>
  )
}

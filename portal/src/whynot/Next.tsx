import { Button } from '@fluentui/react-components'
import { CopyRegular } from '@fluentui/react-icons'
import { FormattedMessage, useIntl } from 'react-intl'
import type { Check, NotCredited } from '../explain/answer'
import { ChangeText } from '../explain/Said'
import { notify } from '../parts/notices'
import { CauseText } from './causes'
import css from './WhyNot.module.css'

/** The nearest change that would give credit, in the reader's words and in the service's. */
export function Next(props: { missing: NotCredited | null; cause?: Check; isCredited: boolean }) {
  const { missing, cause, isCredited } = props
  const changes = (missing?.checks ?? (cause ? [cause] : [])).flatMap(({ change }) => change ?? [])
  return (
    <div className={css.next}>
      <h3>
        <FormattedMessage id={isCredited ? 'whynot.do' : 'whynot.next'} />
      </h3>
      {cause && (
        <p>
          <CauseText code={cause.code} part="remedy" />
        </p>
      )}
      {changes.map((change) => (
        <p key={change.kind} className={css.found}>
          <ChangeText change={change} />
        </p>
      ))}
      {missing?.commands && missing.commands.length > 0 && <Commands commands={missing.commands} />}
    </div>
  )
}

function Commands({ commands }: { commands: string[] }) {
  const intl = useIntl()
  const title = intl.formatMessage({ id: 'whynot.commands' })
  const copy = async () => {
    await navigator.clipboard.writeText(commands.join('\n'))
    notify(intl.formatMessage({ id: 'whynot.commands.copied' }))
  }
  return (
    <>
      <p>{title}</p>
      {/* biome-ignore lint/a11y/noNoninteractiveTabindex: it scrolls, and must do so by keyboard, too */}
      <section className={css.commands} tabIndex={0} aria-label={title}>
        <pre>{commands.join('\n')}</pre>
      </section>
      <Button size="small" icon={<CopyRegular />} onClick={copy}>
        <FormattedMessage id="whynot.commands.copy" />
      </Button>
    </>
  )
}

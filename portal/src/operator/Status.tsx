import { FormattedMessage } from 'react-intl'
import { useSigned } from '../shell/Signed'
import { useReady } from './data'
import css from './Operator.module.css'

/** Which program it is, and whether it can work. */
export function Status() {
  const { version } = useSigned().session
  const { data, isPending } = useReady()
  return (
    <dl className={css.facts}>
      <dt>
        <FormattedMessage id="operator.version" />
      </dt>
      <dd>{version}</dd>
      <dt>
        <FormattedMessage id="operator.state" />
      </dt>
      <dd>
        <span role="status">
          {isPending && <FormattedMessage id="shell.loading" />}
          {!isPending && (
            <FormattedMessage id={data ? 'operator.state.ready' : 'operator.state.notReady'} />
          )}
        </span>
      </dd>
    </dl>
  )
}

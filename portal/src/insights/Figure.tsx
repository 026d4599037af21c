import { ToggleButton } from '@fluentui/react-components'
import { TableRegular } from '@fluentui/react-icons'
import { type ReactNode, useId, useState } from 'react'
import { FormattedMessage } from 'react-intl'
import css from './Insights.module.css'

/** A chart with its name, what it says in a sentence, and the same as a table. */
export function Figure(props: {
  title: string
  summary: string
  chart: ReactNode
  table: ReactNode
}) {
  const [isTable, setTable] = useState(false)
  const title = useId()
  return (
    <figure className={css.figure} aria-labelledby={title}>
      <div className={css.figureHead}>
        <h2 id={title}>{props.title}</h2>
        <ToggleButton
          size="small"
          icon={<TableRegular />}
          checked={isTable}
          onClick={() => setTable(!isTable)}
          aria-describedby={title}
        >
          <FormattedMessage id="insights.asTable" />
        </ToggleButton>
      </div>
      <p>{props.summary}</p>
      {isTable ? props.table : props.chart}
    </figure>
  )
}

import type { ComponentProps, ReactNode } from 'react'
import { FormattedMessage } from 'react-intl'
import css from './ScrollTable.module.css'

type TextId = NonNullable<ComponentProps<typeof FormattedMessage>['id']>

/** A table that scrolls inside itself, by keyboard, too, so that a narrow page loses nothing. */
export function ScrollTable(props: {
  /** What it is, for those who do not see it. */
  name: string
  /** The texts above the columns. */
  columns?: readonly TextId[]
  /** Which of the columns are numbers. */
  numbers?: readonly TextId[]
  /** Cells before these that are more than a text of ours: `<th scope="col">`. */
  head?: ReactNode
  /** The rows. */
  children: ReactNode
  /** Few columns, which need no more room than a small page has. */
  isNarrow?: boolean
}) {
  return (
    // biome-ignore lint/a11y/noNoninteractiveTabindex: it scrolls, and must do so by keyboard, too
    <section className={`scroll ${css.region}`} tabIndex={0} aria-label={props.name}>
      <table className={`${css.table} ${props.isNarrow ? '' : css.wide}`}>
        <thead>
          <tr>
            {props.head}
            {props.columns?.map((id) => (
              <th
                key={id}
                scope="col"
                className={props.numbers?.includes(id) ? 'number' : undefined}
              >
                <FormattedMessage id={id} />
              </th>
            ))}
          </tr>
        </thead>
        <tbody>{props.children}</tbody>
      </table>
    </section>
  )
}

import type { ReactNode } from 'react'
import css from './ScrollTable.module.css'

/** A table that scrolls inside itself, by keyboard, too, so that a narrow page loses nothing. */
export function ScrollTable(props: {
  /** What it is, for those who do not see it. */
  name: string
  /** The cells of the first row: `<th scope="col">`. */
  head: ReactNode
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
          <tr>{props.head}</tr>
        </thead>
        <tbody>{props.children}</tbody>
      </table>
    </section>
  )
}

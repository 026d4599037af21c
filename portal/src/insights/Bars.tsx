import { height } from '../i18n/amounts'
import css from './Charts.module.css'

export interface Bar {
  key: string
  name: string
  lang?: string
  amount: string
  /** The amount, as it is read. */
  text: string
}

/** Amounts of one currency, each with its name and value beside its bar. */
export function Bars({ bars }: { bars: Bar[] }) {
  const most = Math.max(...bars.map((bar) => height(bar.amount)), 0)
  return (
    <ul className={css.bars}>
      {bars.map((bar) => (
        <li key={bar.key}>
          <span lang={bar.lang}>{bar.name}</span>
          <span className={css.value}>{bar.text}</span>
          <svg className={css.bar} aria-hidden>
            <rect
              width={`${most > 0 ? Math.max(0, (height(bar.amount) / most) * 100).toFixed(2) : 0}%`}
              height="100%"
            />
          </svg>
        </li>
      ))}
    </ul>
  )
}

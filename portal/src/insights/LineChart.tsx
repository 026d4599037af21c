import { type KeyboardEvent, useEffect, useRef, useState } from 'react'
import { useIntl } from 'react-intl'
import css from './Charts.module.css'
import { ticks } from './scale'

export interface Mark {
  key: string
  /** Under the axis. */
  mark: string
  /** In full: the month and the exact amount. */
  text: string
  /** Where it is drawn; `null` = there is nothing to draw. */
  value: number | null
}

/** How points look: lines of different currencies differ by it, not by colour only. */
export const SHAPES = ['circle', 'square', 'diamond'] as const

export type Shape = (typeof SHAPES)[number]

const HEIGHT = 220
const TOP = 12
const BOTTOM = 28

/** The width of an element, as it changes. */
function useWidth() {
  const [width, setWidth] = useState(560)
  const ref = useRef<HTMLDivElement>(null)
  useEffect(() => {
    if (!ref.current) return
    const seen = new ResizeObserver(([entry]) => entry && setWidth(entry.contentRect.width))
    seen.observe(ref.current)
    return () => seen.disconnect()
  }, [])
  return { ref, width }
}

/** A line through points. The arrow keys go from one to the next. */
export function LineChart({ name, marks, shape }: { name: string; marks: Mark[]; shape: Shape }) {
  const intl = useIntl()
  const { ref, width } = useWidth()
  const drawn = marks.filter((mark) => mark.value !== null)
  const [at, setAt] = useState(drawn.length - 1)
  const points = useRef<(SVGGElement | null)[]>([])
  const values = drawn.map((mark) => mark.value ?? 0)
  const steps = ticks(Math.min(...values), Math.max(...values))
  const [low = 0, high = 1] = [steps.at(0), steps.at(-1)]
  const compact = new Intl.NumberFormat(intl.locale, { notation: 'compact' })
  const labels = steps.map((step) => compact.format(step))
  const left = Math.max(...labels.map((label) => label.length)) * 7 + 12
  const band = Math.max(1, (width - left) / marks.length)
  const x = (index: number) => left + band * (index + 0.5)
  const y = (value: number) => TOP + (HEIGHT - TOP - BOTTOM) * (1 - (value - low) / (high - low))
  const line = marks.flatMap(({ value }, index) =>
    value === null ? [] : [`${x(index).toFixed(1)},${y(value).toFixed(1)}`],
  )
  const every = Math.max(1, Math.ceil(48 / band))

  const move = (event: KeyboardEvent) => {
    const to = { ArrowLeft: at - 1, ArrowRight: at + 1, Home: 0, End: drawn.length - 1 }[event.key]
    if (to === undefined || !drawn[to]) return
    event.preventDefault()
    points.current[to]?.focus()
  }
  return (
    <div ref={ref} className={css.chart}>
      <p className={css.readout} aria-hidden>
        {drawn[at]?.text}
      </p>
      {/* biome-ignore lint/a11y/useSemanticElements: there is no other element that groups in SVG */}
      <svg height={HEIGHT} width={width} role="group" aria-label={name} onKeyDown={move}>
        {steps.map((step, index) => (
          <g key={step} aria-hidden>
            <line className={css.grid} x1={left} x2={width} y1={y(step)} y2={y(step)} />
            <text className={css.tick} x={left - 8} y={y(step)} dy="0.32em" textAnchor="end">
              {labels[index]}
            </text>
          </g>
        ))}
        {marks.map(({ key, mark }, index) =>
          index % every === 0 ? (
            <text
              key={key}
              className={css.tick}
              x={x(index)}
              y={HEIGHT - 8}
              textAnchor="middle"
              aria-hidden
            >
              {mark}
            </text>
          ) : null,
        )}
        <polyline className={css.line} points={line.join(' ')} />
        {drawn.map((mark, index) => {
          const where = marks.indexOf(mark)
          return (
            // biome-ignore lint/a11y/noInteractiveElementToNoninteractiveRole: points are read one by one
            <g
              key={mark.key}
              ref={(element) => {
                points.current[index] = element
              }}
              role="img"
              aria-label={mark.text}
              tabIndex={index === at ? 0 : -1}
              className={index === at ? css.current : css.point}
              onFocus={() => setAt(index)}
              onMouseEnter={() => setAt(index)}
            >
              <rect
                className={css.band}
                x={x(where) - band / 2}
                y={0}
                width={band}
                height={HEIGHT}
              />
              <Marker shape={shape} x={x(where)} y={y(mark.value ?? 0)} />
            </g>
          )
        })}
      </svg>
    </div>
  )
}

function Marker({ shape, x, y }: { shape: Shape; x: number; y: number }) {
  if (shape === 'circle') return <circle className={css.marker} cx={x} cy={y} r={5} />
  const turn = shape === 'diamond' ? `rotate(45 ${x} ${y})` : undefined
  return (
    <rect className={css.marker} x={x - 4.5} y={y - 4.5} width={9} height={9} transform={turn} />
  )
}

import { type ReactNode, useEffect, useRef } from 'react'

/** Whether a page was shown before: the first one leaves the focus where browsers put it. */
let wasShown = false

/** A page: its heading, where the focus goes when the page is reached, and its name in the tab. */
export function Page({ title, children }: { title: string; children: ReactNode }) {
  const heading = useRef<HTMLHeadingElement>(null)
  useEffect(() => {
    document.title = `${title} · Partner Admin Link`
  }, [title])
  useEffect(() => {
    if (wasShown) heading.current?.focus()
    wasShown = true
  }, [])
  return (
    <>
      <h1 ref={heading} tabIndex={-1}>
        {title}
      </h1>
      {children}
    </>
  )
}

export const focusHeading = () => document.querySelector<HTMLElement>('h1')?.focus()

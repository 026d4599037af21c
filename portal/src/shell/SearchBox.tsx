import { useNavigate } from '@tanstack/react-router'
import { useEffect, useRef, useState } from 'react'
import { useIntl } from 'react-intl'
import css from './Shell.module.css'

/** Finds customers, subscriptions, partners and people. `/` leads here from anywhere. */
export function SearchBox() {
  const intl = useIntl()
  const navigate = useNavigate()
  const field = useRef<HTMLInputElement>(null)
  const [text, setText] = useState('')
  useEffect(() => {
    const pressed = (event: KeyboardEvent) => {
      const isTyping = (event.target as Element).closest(
        'input, textarea, select, [contenteditable]',
      )
      if (event.key !== '/' || isTyping || event.ctrlKey || event.metaKey || event.altKey) return
      event.preventDefault()
      field.current?.focus()
    }
    document.addEventListener('keydown', pressed)
    return () => document.removeEventListener('keydown', pressed)
  }, [])
  return (
    <search className={css.searchBox}>
      <form
        onSubmit={(event) => {
          event.preventDefault()
          if (text.trim()) navigate({ to: '/search', search: { q: text.trim() } })
        }}
      >
        <input
          ref={field}
          type="search"
          value={text}
          onChange={(event) => setText(event.target.value)}
          aria-label={intl.formatMessage({ id: 'search.field' })}
          placeholder={intl.formatMessage({ id: 'search.hint' })}
        />
      </form>
    </search>
  )
}

import { Combobox, Field, Option, OptionGroup } from '@fluentui/react-components'
import { type KeyboardEvent, type Ref, useState } from 'react'
import { useIntl } from 'react-intl'
import css from './Explain.module.css'
import { grouped, type Item, matching, valueIn } from './items'

interface Props {
  label: string
  hint: string
  error?: string
  required?: boolean
  items: Item[]
  text: string
  setText: (text: string) => void
  submit: () => void
  input: Ref<HTMLInputElement>
}

/** A field with something to choose from that also takes anything else. */
export function Pick(props: Props) {
  const intl = useIntl()
  const { items, text } = props
  const [isOpen, setOpen] = useState(false)
  const [isTyped, setTyped] = useState(false)
  const shown = isTyped ? matching(items, text) : items
  /** Enter sends, unless it chooses. */
  const key = (event: KeyboardEvent) => {
    if (event.key !== 'Enter' || (isOpen && shown.length > 0)) return
    event.preventDefault()
    setOpen(false)
    props.submit()
  }
  return (
    <Field
      label={props.label}
      hint={props.hint}
      required={props.required}
      validationState={props.error ? 'error' : 'none'}
      validationMessage={props.error}
    >
      <Combobox
        freeform
        expandIcon={{
          className: css.expand,
          'aria-label': intl.formatMessage({ id: 'explain.form.open' }, { field: props.label }),
        }}
        ref={props.input}
        autoComplete="off"
        value={text}
        selectedOptions={[valueIn(items, text)]}
        open={isOpen}
        onOpenChange={(event, { open }) => {
          if (open && 'key' in event && event.key === 'Enter') return
          if (open) setTyped(false)
          setOpen(open)
        }}
        onChange={(event) => {
          setTyped(true)
          props.setText(event.target.value)
        }}
        // What is pasted is no search.
        onPaste={() => setTimeout(() => setOpen(false))}
        onKeyDown={key}
        onOptionSelect={(_, { optionText }) => {
          // Typing ends what was chosen before, which is no choice.
          if (optionText === undefined) return
          setTyped(false)
          props.setText(optionText)
        }}
      >
        {options(shown)}
        {shown.length === 0 && (
          <Option disabled value="" text="">
            {intl.formatMessage({ id: 'explain.form.none' })}
          </Option>
        )}
      </Combobox>
    </Field>
  )
}

/** The options in their groups. Fluent wants them as children, so this is no component. */
function options(items: Item[]) {
  const list = (some: Item[]) =>
    some.map((item) => (
      <Option key={item.value} value={item.value} text={item.text}>
        {item.short ?? item.text}
      </Option>
    ))
  return [...grouped(items, (item) => item.group ?? '')].map(([group, some]) =>
    group ? (
      <OptionGroup key={group} label={group}>
        {list(some)}
      </OptionGroup>
    ) : (
      list(some)
    ),
  )
}

import { Combobox, Field, Option, OptionGroup } from '@fluentui/react-components'
import { type KeyboardEvent, type Ref, useState } from 'react'
import { useIntl } from 'react-intl'

/** Something to choose. */
export interface Item {
  value: string
  /** What the field shows when it is chosen. */
  text: string
  group?: string
}

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

/** A list in parts, in the order of their first. */
export function grouped<T>(list: T[], key: (one: T) => string): Map<string, T[]> {
  const groups = new Map<string, T[]>()
  for (const one of list) groups.set(key(one), [...(groups.get(key(one)) ?? []), one])
  return groups
}

/** What was chosen, or typed. */
export const valueIn = (items: Item[], text: string) =>
  items.find((item) => item.text === text)?.value ?? text

/** How a value is shown: in words if it is one that can be chosen. */
export const textIn = (items: Item[], value: string) =>
  items.find((item) => item.value === value)?.text ?? value

/** A field with something to choose from that also takes anything else. */
export function Pick(props: Props) {
  const intl = useIntl()
  const { items, text } = props
  const [isOpen, setOpen] = useState(false)
  const [isTyped, setTyped] = useState(false)
  const wanted = isTyped ? text.trim().toLowerCase() : ''
  const shown = items.filter((item) =>
    [item.text, item.value, item.group].some((part) => part?.toLowerCase().includes(wanted)),
  )
  const groups = grouped(shown, (item) => item.group ?? '')
  const options = (list: Item[]) =>
    list.map((item) => (
      <Option key={item.value} value={item.value} text={item.text}>
        {item.text}
      </Option>
    ))
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
          setTyped(false)
          if (optionText !== undefined) props.setText(optionText)
        }}
      >
        {[...groups].map(([group, list]) =>
          group ? (
            <OptionGroup key={group} label={group}>
              {options(list)}
            </OptionGroup>
          ) : (
            options(list)
          ),
        )}
        {shown.length === 0 && (
          <Option disabled value="" text="">
            {intl.formatMessage({ id: 'explain.form.none' })}
          </Option>
        )}
      </Combobox>
    </Field>
  )
}

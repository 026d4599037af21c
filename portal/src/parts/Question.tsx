import {
  Dialog,
  DialogActions,
  DialogBody,
  DialogContent,
  DialogSurface,
  DialogTitle,
  DialogTrigger,
} from '@fluentui/react-components'
import type { JSX, ReactNode } from 'react'

/** A question over the page, with its answers as buttons. */
export function Question(props: {
  title: ReactNode
  children: ReactNode
  answers: ReactNode
  isOpen?: boolean
  /** Escape, or a click beside it. Without it the question must be answered. */
  setOpen?: (isOpen: boolean) => void
  /** The button that asks it, where the focus goes back to. */
  trigger?: JSX.Element
}) {
  const { setOpen } = props
  return (
    <Dialog
      open={props.isOpen ?? true}
      onOpenChange={(_, { open }) => setOpen?.(open)}
      modalType={setOpen ? 'modal' : 'alert'}
    >
      {props.trigger ? (
        <DialogTrigger disableButtonEnhancement>{props.trigger}</DialogTrigger>
      ) : (
        <></>
      )}
      <DialogSurface>
        <DialogBody>
          <DialogTitle>{props.title}</DialogTitle>
          <DialogContent>{props.children}</DialogContent>
          <DialogActions>{props.answers}</DialogActions>
        </DialogBody>
      </DialogSurface>
    </Dialog>
  )
}

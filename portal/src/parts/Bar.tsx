import { MessageBar, MessageBarBody, type MessageBarProps } from '@fluentui/react-components'

/** A message of as many lines as it needs. */
export function Bar({ children, ...props }: MessageBarProps) {
  return (
    <MessageBar layout="multiline" {...props}>
      <MessageBarBody>{children}</MessageBarBody>
    </MessageBar>
  )
}

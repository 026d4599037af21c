import type texts from '../../locales/en'

declare global {
  namespace FormatjsIntl {
    /** A text that is not in `locales/en` does not compile. */
    interface Message {
      ids: keyof typeof texts
    }
  }
}

import { createContext, type ReactNode, use, useEffect, useMemo, useState } from 'react'
import { IntlProvider } from 'react-intl'
import { keep, type Language, locale, preferred, texts } from './languages'

interface Choice {
  language: Language
  choose: (language: Language) => void
}

const Chosen = createContext<Choice>({ language: 'en', choose: () => {} })

/** The language of the pages, and the way to another. */
export const useLanguage = () => use(Chosen)

/** Everything inside is in one language, which `<html lang>` says, too. */
export function Texts({ first, children }: { first: Loaded; children: ReactNode }) {
  const [loaded, setLoaded] = useState(first)
  useEffect(() => {
    document.documentElement.lang = loaded.language
  }, [loaded.language])
  const choice = useMemo(
    () => ({
      language: loaded.language,
      choose: (language: Language) => {
        keep(language)
        load(language).then(setLoaded)
      },
    }),
    [loaded.language],
  )
  return (
    <Chosen value={choice}>
      <IntlProvider locale={locale(loaded.language)} messages={loaded.messages}>
        {children}
      </IntlProvider>
    </Chosen>
  )
}

interface Loaded {
  language: Language
  messages: Record<string, string>
}

export async function load(language: Language = preferred()): Promise<Loaded> {
  return { language, messages: await texts(language) }
}

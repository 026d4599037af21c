/** The languages of the pages, each with its own name. */
export const LANGUAGES = { en: 'English', nl: 'Nederlands', sv: 'Svenska' } as const

export type Language = keyof typeof LANGUAGES

const KEPT = 'openpal.language'

const isLanguage = (text: string | null | undefined): text is Language =>
  text != null && Object.hasOwn(LANGUAGES, text)

/** What was chosen here before, else what the address asks for, else the browser's, else English. */
export function preferred(): Language {
  const asked = new URLSearchParams(window.location.search).get('lang')
  const own = navigator.languages.map((tag) => tag.slice(0, 2).toLowerCase())
  return [localStorage.getItem(KEPT), asked, ...own].find(isLanguage) ?? 'en'
}

/** How dates and numbers are written: as the browser's own country does, if it speaks the language. */
export const locale = (language: Language) =>
  navigator.languages.find((tag) => tag.toLowerCase().startsWith(`${language}-`)) ?? language

export const keep = (language: Language) => localStorage.setItem(KEPT, language)

/** The texts of a language; only those of one are loaded. */
export async function texts(language: Language): Promise<Record<string, string>> {
  const load = {
    en: () => import('../../locales/en'),
    nl: () => import('../../locales/nl'),
    sv: () => import('../../locales/sv'),
  }
  return (await load[language]()).default
}

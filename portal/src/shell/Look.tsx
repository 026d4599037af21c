import { FluentProvider, webDarkTheme, webLightTheme } from '@fluentui/react-components'
import { createContext, type ReactNode, use, useEffect, useMemo, useState } from 'react'

/** Light, dark, or as the system is. */
export type LookName = 'system' | 'light' | 'dark'

const KEPT = 'openpal.look'

const Chosen = createContext<{ look: LookName; choose: (look: LookName) => void }>({
  look: 'system',
  choose: () => {},
})

export const useLook = () => use(Chosen)

const dark = window.matchMedia('(prefers-color-scheme: dark)')

/** Colours. High contrast is the system's, and needs nothing here. */
export function Look({ children }: { children: ReactNode }) {
  const [look, setLook] = useState<LookName>(
    () => (localStorage.getItem(KEPT) as LookName | null) ?? 'system',
  )
  const [systemIsDark, setSystemIsDark] = useState(dark.matches)
  useEffect(() => {
    const changed = () => setSystemIsDark(dark.matches)
    dark.addEventListener('change', changed)
    return () => dark.removeEventListener('change', changed)
  }, [])
  const choice = useMemo(() => {
    const choose = (chosen: LookName) => {
      localStorage.setItem(KEPT, chosen)
      setLook(chosen)
    }
    return { look, choose }
  }, [look])
  const isDark = look === 'system' ? systemIsDark : look === 'dark'
  useEffect(() => {
    document.documentElement.style.colorScheme = isDark ? 'dark' : 'light'
  }, [isDark])
  return (
    <Chosen value={choice}>
      <FluentProvider theme={isDark ? webDarkTheme : webLightTheme}>
        {/* Not a class of the provider: what is shown above the page would get it, too. */}
        <div className="look">{children}</div>
      </FluentProvider>
    </Chosen>
  )
}

/** Whether it is dark now, for what is drawn. */
export function useIsDark() {
  const { look } = useLook()
  return look === 'system' ? dark.matches : look === 'dark'
}

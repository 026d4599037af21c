import {
  Button,
  Menu,
  MenuDivider,
  MenuGroup,
  MenuGroupHeader,
  MenuItemRadio,
  MenuList,
  MenuPopover,
  MenuTrigger,
} from '@fluentui/react-components'
import { SettingsRegular } from '@fluentui/react-icons'
import { FormattedMessage, useIntl } from 'react-intl'
import { LANGUAGES, type Language } from '../i18n/languages'
import { useLanguage } from '../i18n/Texts'
import { type LookName, useLook } from './Look'

const LOOKS: LookName[] = ['system', 'light', 'dark']

/** Language and colours, kept in this browser. */
export function Settings() {
  const intl = useIntl()
  const { language, choose } = useLanguage()
  const { look, choose: chooseLook } = useLook()
  return (
    <Menu
      checkedValues={{ language: [language], look: [look] }}
      onCheckedValueChange={(_, { name, checkedItems }) => {
        const [item] = checkedItems
        if (name === 'language') choose(item as Language)
        else chooseLook(item as LookName)
      }}
    >
      <MenuTrigger disableButtonEnhancement>
        <Button
          appearance="transparent"
          icon={<SettingsRegular />}
          aria-label={intl.formatMessage({ id: 'shell.settings' })}
        />
      </MenuTrigger>
      <MenuPopover>
        <MenuList>
          <MenuGroup>
            <MenuGroupHeader>
              <FormattedMessage id="shell.language" />
            </MenuGroupHeader>
            {Object.entries(LANGUAGES).map(([code, name]) => (
              <MenuItemRadio key={code} name="language" value={code} lang={code}>
                {name}
              </MenuItemRadio>
            ))}
          </MenuGroup>
          <MenuDivider />
          <MenuGroup>
            <MenuGroupHeader>
              <FormattedMessage id="shell.look" />
            </MenuGroupHeader>
            {LOOKS.map((name) => (
              <MenuItemRadio key={name} name="look" value={name}>
                <FormattedMessage id={`shell.look.${name}` as 'shell.look.system'} />
              </MenuItemRadio>
            ))}
          </MenuGroup>
        </MenuList>
      </MenuPopover>
    </Menu>
  )
}

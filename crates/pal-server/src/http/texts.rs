//! What the pages say, in English, Dutch (u) and Swedish (du).

pub struct Texts {
    pub language: &'static str,
    pub sign_in: &'static str,
    /// `{app}` and `{directory}` are put in.
    pub asks: &'static str,
    pub home: &'static str,
    pub name: &'static str,
    pub password: &'static str,
    pub wrong: &'static str,
    pub slow: &'static str,
    pub disabled: &'static str,
    pub elsewhere: &'static str,
    pub busy: &'static str,
    pub stale: &'static str,
    /// `{claim}` is put in.
    pub token_claim: &'static str,
    /// `{directory}` is put in.
    pub token_directory: &'static str,
    /// `{algorithm}` is put in.
    pub token_algorithm: &'static str,
    pub token_other: &'static str,
    pub device_title: &'static str,
    pub device_code: &'static str,
    pub device_warning: &'static str,
    pub next: &'static str,
    pub no: &'static str,
    pub code_wrong: &'static str,
    pub done: &'static str,
    pub refused: &'static str,
    pub close: &'static str,
    pub signed_out: &'static str,
    pub failed: &'static str,
    pub go_on: &'static str,
}

const ENGLISH: Texts = Texts {
    language: "en",
    sign_in: "Sign in",
    asks: "{app} asks you to sign in to {directory}.",
    home: "your own directory",
    name: "User name",
    password: "Password",
    wrong: "The user name or the password is wrong. Try again.",
    slow: "Too many wrong attempts. Wait {seconds} seconds, then try again.",
    disabled: "This account is disabled. Ask an administrator of the directory.",
    elsewhere: "You have no account in this directory. Ask one of its administrators to invite you.",
    busy: "Signing in does not work now. Try again in a few seconds.",
    stale: "This page was open for too long, or cookies are blocked. Try again.",
    token_claim: "The answer of the sign-in service cannot be used: the claim '{claim}' of its token is missing or not what this service needs. Show this to whoever runs the service.",
    token_directory: "The sign-in was for the directory {directory}, which was not asked for or is not allowed here. Show this to whoever runs the service.",
    token_algorithm: "The sign-in service signs by the algorithm '{algorithm}', which is not taken here. Show this to whoever runs the service.",
    token_other: "The answer of the sign-in service cannot be used. Whoever runs the service finds the reason in its log.",
    device_title: "Sign in a device",
    device_code: "Code shown on the device",
    device_warning: "Did somebody send you this code? Then stop here: whoever sent it would be signed in as you.",
    next: "Next",
    no: "No, stop",
    code_wrong: "The code is wrong or has expired. Check it on the device.",
    done: "You have signed in to {app} on your device.",
    refused: "Nobody was signed in.",
    close: "You can close this window.",
    signed_out: "You are signed out.",
    failed: "Sign-in cannot go on",
    go_on: "Continue",
};

const DUTCH: Texts = Texts {
    language: "nl",
    sign_in: "Aanmelden",
    asks: "{app} vraagt u om u aan te melden bij {directory}.",
    home: "uw eigen map",
    name: "Gebruikersnaam",
    password: "Wachtwoord",
    wrong: "De gebruikersnaam of het wachtwoord is onjuist. Probeer het opnieuw.",
    slow: "Te veel onjuiste pogingen. Wacht {seconds} seconden en probeer het opnieuw.",
    disabled: "Dit account is uitgeschakeld. Vraag het een beheerder van de map.",
    elsewhere: "U hebt geen account in deze map. Vraag een beheerder ervan om u uit te nodigen.",
    busy: "Aanmelden lukt nu niet. Probeer het over enkele seconden opnieuw.",
    stale: "Deze pagina stond te lang open, of cookies zijn geblokkeerd. Probeer het opnieuw.",
    token_claim: "Het antwoord van de aanmeldingsdienst is niet bruikbaar: de claim '{claim}' van het token ontbreekt of is niet wat deze dienst nodig heeft. Laat dit zien aan wie de dienst beheert.",
    token_directory: "De aanmelding was voor de map {directory}; die was niet gevraagd of is hier niet toegestaan. Laat dit zien aan wie de dienst beheert.",
    token_algorithm: "De aanmeldingsdienst ondertekent met het algoritme '{algorithm}'; dat wordt hier niet aanvaard. Laat dit zien aan wie de dienst beheert.",
    token_other: "Het antwoord van de aanmeldingsdienst is niet bruikbaar. Wie de dienst beheert, vindt de reden in het logboek.",
    device_title: "Een apparaat aanmelden",
    device_code: "Code op het apparaat",
    device_warning: "Heeft iemand u deze code gestuurd? Stop dan hier: wie de code stuurde, zou als u worden aangemeld.",
    next: "Volgende",
    no: "Nee, stoppen",
    code_wrong: "De code is onjuist of verlopen. Controleer de code op het apparaat.",
    done: "U hebt zich op uw apparaat aangemeld bij {app}.",
    refused: "Er is niemand aangemeld.",
    close: "U kunt dit venster sluiten.",
    signed_out: "U bent afgemeld.",
    failed: "Aanmelden kan niet doorgaan",
    go_on: "Doorgaan",
};

const SWEDISH: Texts = Texts {
    language: "sv",
    sign_in: "Logga in",
    asks: "{app} ber dig logga in i {directory}.",
    home: "din egen katalog",
    name: "Användarnamn",
    password: "Lösenord",
    wrong: "Användarnamnet eller lösenordet är fel. Försök igen.",
    slow: "För många felaktiga försök. Vänta {seconds} sekunder och försök igen.",
    disabled: "Kontot är inaktiverat. Fråga en administratör för katalogen.",
    elsewhere: "Du har inget konto i den här katalogen. Be en av dess administratörer att bjuda in dig.",
    busy: "Det går inte att logga in just nu. Försök igen om några sekunder.",
    stale: "Sidan har varit öppen för länge, eller så är cookies blockerade. Försök igen.",
    token_claim: "Svaret från inloggningstjänsten kan inte användas: anspråket '{claim}' i dess token saknas eller är inte vad den här tjänsten behöver. Visa detta för den som driver tjänsten.",
    token_directory: "Inloggningen gällde katalogen {directory}, som inte efterfrågades eller inte är tillåten här. Visa detta för den som driver tjänsten.",
    token_algorithm: "Inloggningstjänsten signerar med algoritmen '{algorithm}', som inte godtas här. Visa detta för den som driver tjänsten.",
    token_other: "Svaret från inloggningstjänsten kan inte användas. Den som driver tjänsten hittar orsaken i dess logg.",
    device_title: "Logga in en enhet",
    device_code: "Kod som visas på enheten",
    device_warning: "Har någon skickat koden till dig? Avbryt då här: den som skickade koden skulle bli inloggad som du.",
    next: "Nästa",
    no: "Nej, avbryt",
    code_wrong: "Koden är fel eller har gått ut. Kontrollera den på enheten.",
    done: "Du har loggat in i {app} på din enhet.",
    refused: "Ingen loggades in.",
    close: "Du kan stänga fönstret.",
    signed_out: "Du är utloggad.",
    failed: "Inloggningen kan inte fortsätta",
    go_on: "Fortsätt",
};

/// The first language of a list (`sv-SE,sv;q=0.9,en;q=0.8`, or `nl en`) that there are texts in.
pub fn pick(languages: &str) -> &'static Texts {
    let words = languages.split([',', ' ']).map(|word| word.split([';', '-']).next().unwrap_or(""));
    for word in words {
        for texts in [&ENGLISH, &DUTCH, &SWEDISH] {
            if texts.language.eq_ignore_ascii_case(word.trim()) {
                return texts;
            }
        }
    }
    &ENGLISH
}

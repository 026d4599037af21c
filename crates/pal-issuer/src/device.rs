//! The device code: a program shows a short code, a person types it elsewhere (T50).

use std::collections::HashMap;

use pal_model::{Instant, TenantId};

use crate::answers::{DeviceCodes, DevicePage};
use crate::sign_in::Proof;
use crate::{
    Form, Issuer, OAuthError, RequestedTenant, SignedInPerson, public_client, sha256,
    unknown_client,
};

/// Letters that nobody confuses, and no vowels, so that no words come out.
const LETTERS: &[u8; 20] = b"BCDFGHJKLMNPQRSTVWXZ";
/// Life of a code in seconds.
const LIFE: i64 = 600;
/// Seconds between two questions of the program.
const INTERVAL: i64 = 5;
/// Wrong codes in all in a minute, over everybody.
const TRIES_A_MINUTE: usize = 20;
/// Most sessions at a time.
const MOST: usize = 10_000;

#[derive(Default)]
pub(super) struct Devices {
    by_code: HashMap<[u8; 32], Device>,
    /// Times of wrong user codes.
    wrong: Vec<i64>,
}

pub(super) struct Device {
    user_code: String,
    client: String,
    wanted: RequestedTenant,
    scope: Option<String>,
    expires: i64,
    asked: i64,
    answer: Answer,
}

impl Device {
    /// Also not beyond its life when the clock has gone back.
    fn is_alive(&self, at: i64) -> bool {
        (at + 1..=at + LIFE).contains(&self.expires)
    }

    /// Whether it waits for a person with this code.
    fn waits(&self, user_code: &str, at: i64) -> bool {
        let pending = matches!(self.answer, Answer::Pending);
        self.user_code == user_code && self.is_alive(at) && pending
    }
}

enum Answer {
    Pending,
    Declined,
    Approved(Proof),
}

/// A device that waits for a person, as the page shows it.
pub struct DeviceRequest {
    pub application: &'static str,
    pub(super) wanted: RequestedTenant,
}

impl DeviceRequest {
    /// The directory that the code was asked for; `None` = wherever the person is at home.
    pub const fn directory(&self) -> Option<TenantId> {
        match self.wanted {
            RequestedTenant::Home => None,
            RequestedTenant::One(tenant) => Some(tenant),
        }
    }
}

/// What the program gets when it asks.
pub(super) struct Approved {
    pub proof: Proof,
    pub wanted: RequestedTenant,
    pub scope: Option<String>,
}

impl Issuer {
    /// Begins: codes for a program.
    ///
    /// # Errors
    /// The device code is switched off, or the request is not in order.
    pub async fn device(
        &self,
        tenant: &str,
        form: &Form<'_>,
        now: Instant,
    ) -> Result<DeviceCodes, OAuthError> {
        let wanted = self.wanted(tenant, now).await?;
        let client = form.need("client_id")?;
        public_client(client).ok_or_else(|| unknown_client(client))?;
        if !self.settings.device_code {
            let text = "The device code is switched off here. Sign in with a browser.";
            return Err(OAuthError::new(400, "unauthorized_client", 7_000_218, text));
        }
        let scope = form.short("scope")?.map(str::to_owned);
        self.resource(scope.as_deref(), form.get("resource")?)?;
        let device_code = self.secret();
        let user_code = self.user_code();
        let mut devices = self.devices();
        let at = now.unix_seconds();
        devices.by_code.retain(|_, device| (at - LIFE + 1..=at + LIFE).contains(&device.expires));
        if devices.by_code.len() >= MOST {
            return Err(OAuthError::too_many(60));
        }
        let session = Device {
            user_code: user_code.clone(),
            client: client.to_ascii_lowercase(),
            wanted,
            scope,
            expires: at + LIFE,
            asked: 0,
            answer: Answer::Pending,
        };
        devices.by_code.insert(sha256(&device_code), session);
        let page = format!("{}/device", self.settings.base);
        // The clients of the first version ask by resource and read another name.
        let named: fn(String) -> DevicePage = match form.get("resource")? {
            Some(_) => DevicePage::Url,
            None => DevicePage::Uri,
        };
        let message = format!(
            "To sign in, use a web browser to open the page {page} and enter the code {user_code} \
             to authenticate."
        );
        let (page, expires_in, interval) = (named(page), LIFE, INTERVAL);
        Ok(DeviceCodes { user_code, device_code, page, expires_in, interval, message })
    }

    fn user_code(&self) -> String {
        let mut code = String::new();
        while code.len() < 8 {
            let mut byte = [0];
            self.random.fill(&mut byte);
            // 240 is a multiple of 20: every letter is as likely as the next.
            if byte[0] < 240 {
                code.push(LETTERS[usize::from(byte[0] % 20)] as char);
            }
        }
        code
    }

    /// The device that waits for this user code.
    ///
    /// # Errors
    /// There is none, or too many wrong codes were tried.
    pub fn find_device(&self, user_code: &str, now: Instant) -> Result<DeviceRequest, OAuthError> {
        let typed = typed(user_code);
        let at = now.unix_seconds();
        let mut devices = self.devices();
        devices.wrong.retain(|time| (0..60).contains(&(at - time)));
        if devices.wrong.len() >= TRIES_A_MINUTE {
            return Err(OAuthError::too_many(60));
        }
        match devices.by_code.values().find(|device| device.waits(&typed, at)) {
            Some(device) => Ok(DeviceRequest {
                application: public_client(&device.client).unwrap_or("an application"),
                wanted: device.wanted,
            }),
            None => {
                devices.wrong.push(at);
                Err(wrong_code())
            }
        }
    }

    /// The person's answer; `None` = no.
    ///
    /// # Errors
    /// There is no such code, or the person has no enabled account in the tenant.
    pub async fn answer_device(
        &self,
        user_code: &str,
        person: Option<&SignedInPerson>,
        now: Instant,
    ) -> Result<(), OAuthError> {
        let request = self.find_device(user_code, now)?;
        let answer = match person {
            Some(person) => {
                self.account_of(&person.0, request.wanted, now).await?;
                Answer::Approved(person.proof())
            }
            None => Answer::Declined,
        };
        let typed = typed(user_code);
        let mut devices = self.devices();
        let mut all = devices.by_code.values_mut();
        // Somebody else may have answered meanwhile: the first answer counts.
        let device =
            all.find(|device| device.waits(&typed, now.unix_seconds())).ok_or_else(wrong_code)?;
        device.answer = answer;
        Ok(())
    }

    /// The program asks whether the person has answered; a code is given for once.
    pub(super) fn poll_device(
        &self,
        code: &str,
        client: &str,
        now: Instant,
    ) -> Result<Approved, OAuthError> {
        let at = now.unix_seconds();
        let mut devices = self.devices();
        let key = sha256(code);
        let wrong = || OAuthError::grant(70000, "The device code is not known here. Begin again.");
        let device = devices.by_code.get_mut(&key).ok_or_else(wrong)?;
        if !device.client.eq_ignore_ascii_case(client) {
            return Err(wrong());
        }
        if !device.is_alive(at) {
            let text = "The device code has expired. Begin again.";
            return Err(OAuthError::new(400, "expired_token", 70020, text));
        }
        let pending = |word| OAuthError::new(400, word, 70016, "The person has not answered yet.");
        match &device.answer {
            Answer::Pending => {
                // One second of grace: clients count from when they got the answer.
                let early = (0..INTERVAL - 1).contains(&(at - device.asked));
                device.asked = at;
                Err(pending(if early { "slow_down" } else { "authorization_pending" }))
            }
            Answer::Declined => {
                let text = "The person has refused.";
                Err(OAuthError::new(400, "authorization_declined", 70018, text))
            }
            Answer::Approved(proof) => {
                let (proof, wanted, scope) = (proof.clone(), device.wanted, device.scope.clone());
                devices.by_code.remove(&key);
                Ok(Approved { proof, wanted, scope })
            }
        }
    }
}

fn wrong_code() -> OAuthError {
    OAuthError::grant(70019, "The code is wrong or has expired. Check it, or begin again.")
}

/// What a person typed, without blanks and dashes, in capitals.
fn typed(user_code: &str) -> String {
    let letters = user_code.chars().filter(|c| !c.is_whitespace() && *c != '-').take(20);
    letters.map(|c| c.to_ascii_uppercase()).collect()
}

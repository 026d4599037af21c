//! A service with the embedded issuer, people and programs.

use std::net::{IpAddr, SocketAddr};
use std::ops::Deref;
use std::sync::{Mutex, OnceLock};

use axum::extract::ConnectInfo;
use pal_store::App;

pub use crate::issuer::people::*;
use crate::issuer::wire::{Answer, Fields};
use crate::support::{Data, Service, hash_of, quotas, request, trusted, who};

/// The key of [`WITH_CERTIFICATE`] and its certificate, which is good in 2026.
pub fn certificate() -> &'static (rcgen::KeyPair, rcgen::Certificate) {
    static MADE: OnceLock<(rcgen::KeyPair, rcgen::Certificate)> = OnceLock::new();
    MADE.get_or_init(|| {
        let key = rcgen::KeyPair::generate_for(&rcgen::PKCS_RSA_SHA256).unwrap();
        let mut wanted = rcgen::CertificateParams::new(vec!["program".to_owned()]).unwrap();
        wanted.not_before = rcgen::date_time_ymd(2026, 1, 1);
        wanted.not_after = rcgen::date_time_ymd(2027, 1, 1);
        let certificate = wanted.self_signed(&key).unwrap();
        (key, certificate)
    })
}

/// A service on 3 May 2026 at eight o'clock.
pub struct World {
    service: Service,
    from: Mutex<Option<IpAddr>>,
}

impl Deref for World {
    type Target = Service;

    fn deref(&self) -> &Service {
        &self.service
    }
}

impl World {
    /// With the device code.
    pub async fn new() -> Self {
        Self::with(true).await
    }

    pub async fn with(device_code: bool) -> Self {
        let data = Data::new(&facts()).await;
        for (upn, accounts) in [
            (ADA, vec![who(CONTOSO, ADA_HOME), who(FABRIKAM, ADA_GUEST)]),
            (BEN, vec![who(CONTOSO, BEN_HOME)]),
            (CEM, vec![who(CONTOSO, CEM_HOME)]),
        ] {
            data.person(upn, PASSWORD, accounts).await;
        }
        for (client, principal, secret_hashes, certificates) in [
            (WITH_SECRET, who(FABRIKAM, WITH_SECRET_OBJECT), vec![hash_of(SECRET)], vec![]),
            (
                WITH_CERTIFICATE,
                who(FABRIKAM, WITH_CERTIFICATE_OBJECT),
                vec![],
                vec![certificate().1.pem()],
            ),
            (ABROAD, who(CONTOSO, ABROAD_OBJECT), vec![hash_of(SECRET)], vec![]),
        ] {
            let client = client.parse().unwrap();
            data.program(App { client, principal, secret_hashes, certificates }).await;
        }
        let azure = "https://management.azure.com/";
        let issuer = data.issuer(&[azure], device_code);
        let trusted = trusted(issuer.keys().public(), &[BASE, &format!("{BASE}/"), azure]);
        let service = Service::new(data, trusted, Some(issuer), Vec::new(), quotas(15_000));
        Self { service, from: Mutex::default() }
    }

    /// The address that requests come from, from now on.
    pub fn comes_from(&self, address: &str) {
        *self.from.lock().unwrap() = Some(address.parse().unwrap());
    }

    /// The directory says from now on whether an account is enabled.
    pub async fn enable(&self, tenant: &str, object: &str, kind: &str, enabled: bool) {
        let fact = account(tenant, object, kind, enabled, &self.now().to_string());
        self.import(&fact).await;
    }

    /// Every byte that the service has written to disk.
    pub fn written(&self) -> Vec<u8> {
        let files = std::fs::read_dir(self.folder.path()).unwrap();
        let files = files.map(|file| file.unwrap().path()).filter(|path| path.is_file());
        files.flat_map(|path| std::fs::read(path).unwrap()).collect()
    }

    pub async fn get(&self, path: &str, headers: &[(&str, &str)]) -> Answer {
        self.send("GET", path, headers, String::new()).await
    }

    /// Posts a form.
    pub async fn post(&self, path: &str, fields: &Fields, headers: &[(&str, &str)]) -> Answer {
        let body = form_urlencoded::Serializer::new(String::new()).extend_pairs(&fields.0).finish();
        let form = ("content-type", "application/x-www-form-urlencoded");
        self.send("POST", path, &[headers, &[form]].concat(), body).await
    }

    /// The caller's own link, asked for with a token.
    pub async fn link(&self, token: &str) -> Answer {
        let path = "/providers/Microsoft.ManagementPartner/partners?api-version=2018-02-01";
        self.get(path, &[("authorization", &format!("Bearer {token}"))]).await
    }

    async fn send(
        &self,
        method: &str,
        path: &str,
        headers: &[(&str, &str)],
        body: String,
    ) -> Answer {
        let mut request = request(method, path, headers, body.into_bytes());
        if let Some(from) = *self.from.lock().unwrap() {
            request.extensions_mut().insert(ConnectInfo(SocketAddr::new(from, 50_000)));
        }
        let (status, headers, body) = self.answer(request, None).await;
        Answer { status, headers, body: String::from_utf8(body).unwrap() }
    }
}

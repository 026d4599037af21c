//! Keys that come, go and cannot be fetched (T04, T18).

use std::sync::Arc;

use pal_identity::TokenError;
use serde_json::json;

use crate::verifier::support::{EVIL, GOOD, NOW, at, claims, entra, header, token, with};

fn good() -> String {
    // Valid for two days, so that only the keys decide.
    token(&header(), &with(claims(), &json!({"exp": NOW + 200_000})))
}

#[tokio::test]
async fn t04_an_unknown_key_is_asked_for_once_a_minute() {
    let (verifier, network) = entra();
    let verifier = Arc::new(verifier);
    let unknown = token(&with(header(), &json!({"kid": "new"})), &claims());
    let many = (0..50).map(|_| {
        let (verifier, unknown) = (verifier.clone(), unknown.clone());
        tokio::spawn(async move { verifier.verify(&unknown, at(NOW)).await })
    });
    for one in many.collect::<Vec<_>>() {
        assert_eq!(one.await.unwrap().unwrap_err(), TokenError::BadSignature);
    }
    assert_eq!(network.asked(), 1);
    for second in 1..60 {
        let _ = verifier.verify(&unknown, at(NOW + second)).await;
    }
    assert_eq!(network.asked(), 1);
    let _ = verifier.verify(&unknown, at(NOW + 60)).await;
    assert_eq!(network.asked(), 2);
}

#[tokio::test]
async fn t18_the_first_ones_wait_for_the_keys_together() {
    let (verifier, network) = entra();
    let verifier = Arc::new(verifier);
    let many = (0..50).map(|_| {
        let verifier = verifier.clone();
        tokio::spawn(async move { verifier.verify(&good(), at(NOW)).await })
    });
    for one in many.collect::<Vec<_>>() {
        one.await.unwrap().unwrap();
    }
    assert_eq!(network.asked(), 1);
}

/// Who hangs up while keys are fetched takes nothing away from the others.
#[tokio::test]
async fn t18_a_caller_who_goes_away_does_not_end_the_fetch() {
    let (verifier, network) = entra();
    let verifier = Arc::new(verifier);
    let gone = tokio::spawn({
        let verifier = verifier.clone();
        async move { verifier.verify(&good(), at(NOW)).await }
    });
    while network.asked() == 0 {
        tokio::task::yield_now().await;
    }
    gone.abort();
    verifier.verify(&good(), at(NOW)).await.unwrap();
    assert_eq!(network.asked(), 1);
}

#[tokio::test]
async fn t18_a_new_key_works_within_a_minute_and_a_removed_one_ends_within_fifteen() {
    let (verifier, network) = entra();
    verifier.verify(&good(), at(NOW)).await.unwrap();
    let new = with(GOOD.jwk.clone(), &json!({"kid": "new"}));
    network.publish(&[new]);
    let with_new = token(&with(header(), &json!({"kid": "new"})), &claims());
    verifier.verify(&with_new, at(NOW + 60)).await.unwrap();
    let (verifier, network) = entra();
    verifier.verify(&good(), at(NOW)).await.unwrap();
    network.publish(&[with(EVIL.jwk.clone(), &json!({"kid": "other"}))]);
    assert!(verifier.verify(&good(), at(NOW + 14 * 60)).await.is_ok());
    let refused = verifier.verify(&good(), at(NOW + 15 * 60)).await.unwrap_err();
    assert_eq!(refused, TokenError::BadSignature);
}

#[tokio::test]
async fn t18_what_is_no_key_set_never_replaces_one() {
    let enc = with(GOOD.jwk.clone(), &json!({"use": "enc"}));
    for bad in [
        Err("it does not answer".to_owned()),
        Ok(Vec::new()),
        Ok(b"{}".to_vec()),
        Ok(b"{\"keys\":[]}".to_vec()),
        Ok(b"<html>".to_vec()),
        Ok(json!({"keys": [enc]}).to_string().into_bytes()),
        Ok(json!({"keys": [{"kty": "oct", "k": "AAAA", "kid": "good"}]}).to_string().into_bytes()),
        Ok(json!({"keys": [{"kty": "RSA", "n": "AQAB", "e": "AQAB", "kid": "good"}]})
            .to_string()
            .into_bytes()),
    ] {
        let (verifier, network) = entra();
        verifier.verify(&good(), at(NOW)).await.unwrap();
        network.put(bad.clone());
        for hours in [1, 12, 23] {
            verifier.verify(&good(), at(NOW + hours * 3_600)).await.unwrap();
        }
        // After a day without a good answer nothing is believed.
        let refused = verifier.verify(&good(), at(NOW + 24 * 3_600)).await.unwrap_err();
        assert!(matches!(refused, TokenError::KeysUnavailable(_)), "{bad:?}: {refused}");
        // And when it comes back, it works again within a minute.
        network.publish(std::slice::from_ref(&GOOD.jwk));
        verifier.verify(&good(), at(NOW + 24 * 3_600 + 61)).await.unwrap();
    }
}

/// A clock that went back makes nobody wait.
#[tokio::test]
async fn t18_a_clock_that_goes_back_locks_nothing() {
    let (verifier, network) = entra();
    verifier.verify(&good(), at(NOW + 100_000)).await.unwrap();
    network.publish(&[with(GOOD.jwk.clone(), &json!({"kid": "new"}))]);
    let with_new = token(&with(header(), &json!({"kid": "new"})), &claims());
    verifier.verify(&with_new, at(NOW)).await.unwrap();
}

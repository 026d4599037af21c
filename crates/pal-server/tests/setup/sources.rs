//! Where values come from: the file, the environment, the command line; later ones win.

use crate::setup::loading::{Pairs, one};

/// What `config show` says of a key: value and place.
fn shown(text: &str, key: &str) -> (String, String) {
    let line = text.lines().find(|line| line.split_whitespace().next() == Some(key)).unwrap();
    let mut words = line.split_whitespace().skip(1);
    let value = words.next().unwrap().to_owned();
    (value, words.collect::<Vec<_>>().join(" "))
}

#[test]
fn the_command_line_wins_over_the_environment_and_that_over_the_file() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("own.toml");
    std::fs::write(&path, "[http]\nbody_seconds = 2\nheader_seconds = 2\nmax_connections = 2\n")
        .unwrap();
    let file = path.to_str().unwrap();
    let environment = [("OPENPAL_HTTP__BODY_SECONDS", "3"), ("OPENPAL_HTTP__HEADER_SECONDS", "3")];
    let flags = [("http.body_seconds", "4")];
    let text = one(&environment, (Some(file), &flags)).unwrap();
    for (key, value, place) in [
        ("http.shutdown_seconds", "10", "default"),
        ("http.max_connections", "2", file),
        ("http.header_seconds", "3", "environment"),
        ("http.body_seconds", "4", "command line"),
    ] {
        assert_eq!(shown(&text, key), (value.to_owned(), place.to_owned()), "{text}");
    }
}

#[test]
fn the_file_of_the_data_folder_is_read_wherever_the_folder_was_said() {
    let folder = tempfile::tempdir().unwrap();
    let data = folder.path().to_str().unwrap();
    let path = folder.path().join("openpal.toml");
    std::fs::write(&path, "http.body_seconds = 7\n").unwrap();
    let own = folder.path().join("own.toml");
    std::fs::write(&own, "http.body_seconds = 8\n").unwrap();
    let own = own.to_str().unwrap();
    let by_flag = one(&[], (None, &[("data_dir", data)])).unwrap();
    let by_variable = one(&[("OPENPAL_DATA_DIR", data)], (None, &[])).unwrap();
    for text in [by_flag, by_variable] {
        let wanted = ("7".to_owned(), path.display().to_string());
        assert_eq!(shown(&text, "http.body_seconds"), wanted, "{text}");
    }
    // A file that is named is read instead, not beside it.
    let named = one(&[("OPENPAL_DATA_DIR", data)], (Some(own), &[])).unwrap();
    assert_eq!(shown(&named, "http.body_seconds"), ("8".to_owned(), own.to_owned()));
}

#[test]
fn a_fault_says_which_source_it_is_in() {
    let folder = tempfile::tempdir().unwrap();
    let write = |name: &str, text: &str| {
        let path = folder.path().join(name);
        std::fs::write(&path, text).unwrap();
        path.to_str().unwrap().to_owned()
    };
    let typed = write("typed.toml", "[http]\nlisten = 8443\n");
    let unknown = write("unknown.toml", "[http]\nlistn = '127.0.0.1:1'\n");
    let section = write("section.toml", "[htp]\nlisten = '127.0.0.1:1'\n");
    let far = write("far.toml", "[log]\ncolour = true\n");
    let flat = write("flat.toml", "http = 1\n");
    let broken = write("broken.toml", "[http]\nlisten = \n");
    let twice = write("twice.toml", "log.level = 'a'\nlog.level = 'b'\n");
    let gone = folder.path().join("gone.toml").to_str().unwrap().to_owned();
    let rows: &[(Option<&str>, Pairs, Pairs, &[&str])] = &[
        (Some(&typed), &[], &[], &["http.listen", &typed, "'8443' is not an address"]),
        (Some(&unknown), &[], &[], &["http.listn", &unknown, "did you mean http.listen?"]),
        (Some(&section), &[], &[], &["htp", &section, "no such key; did you mean http?"]),
        (Some(&far), &[], &[], &["log.colour", &far, "no such key; there are level, format"]),
        (Some(&flat), &[], &[], &["http", &flat, "'1' is not a section"]),
        (Some(&broken), &[], &[], &[&broken, "line 2"]),
        (Some(&twice), &[], &[], &[&twice, "line 2", "duplicate key"]),
        (Some(&gone), &[], &[], &["there is no file", &gone]),
        (
            None,
            &[],
            &[("http.listn", "x")],
            &["unknown key 'http.listn' on the command line; did you mean http.listen?"],
        ),
        (None, &[], &[("http", "x")], &["unknown key 'http' on the command line", "config show"]),
        (
            None,
            &[("OPENPAL_HTTP__LISTN", "x")],
            &[],
            &["unknown key 'http.listn' in the environment (OPENPAL_HTTP__LISTN)", "http.listen?"],
        ),
        (
            None,
            &[("OPENPAL_HTTP_LISTEN", "x")],
            &[],
            &["unknown key 'http_listen' in the environment", "did you mean http.listen?"],
        ),
        (
            None,
            &[("OPENPAL_HTTP__LISTEN", "x")],
            &[],
            &["http.listen in the environment (OPENPAL_HTTP__LISTEN): 'x' is not an address"],
        ),
        (
            None,
            &[("OPENPAL_HTTP__HEADER_SECONDS", "0")],
            &[],
            &["http.header_seconds is set in the environment (OPENPAL_HTTP__HEADER_SECONDS)"],
        ),
    ];
    for (file, environment, flags, wanted) in rows {
        let text = one(environment, (*file, flags)).unwrap_err();
        for part in *wanted {
            assert!(text.contains(part), "{text}\n    lacks {part}");
        }
    }
}

/// A value that is wrong below one that wins does not matter; a key that there is not does.
#[test]
fn only_the_value_in_force_is_judged() {
    let wrong = [("OPENPAL_HTTP__HEADER_SECONDS", "0")];
    let text = one(&wrong, (None, &[("http.header_seconds", "5")])).unwrap();
    assert_eq!(shown(&text, "http.header_seconds").0, "5");
}

/// Variables that are not for the service.
#[test]
fn the_cache_of_the_tests_and_other_programs_are_no_keys() {
    let others = [
        ("OPENPAL_CACHE", "/x"),
        ("OPENPAL_PORT", "tcp://10.0.0.1:443"),
        ("OPENPAL_PORT_443_TCP_ADDR", "10.0.0.1"),
        ("OPENPAL_SERVICE_HOST", "10.0.0.1"),
        ("PAL_CLOUD", "x"),
        ("OPENPALS", "x"),
    ];
    assert!(one(&others, (None, &[])).is_ok());
}

#[test]
fn config_show_has_every_key_and_no_inside_of_issuers() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("own.toml");
    std::fs::write(
        &path,
        "[[identity.issuers]]\nkind = 'entra'\naudiences = ['api://not-shown']\n",
    )
    .unwrap();
    let file = path.to_str().unwrap();
    let text = one(&[("OPENPAL_DATA_DIR", "2026")], (Some(file), &[])).unwrap();
    assert_eq!(text.lines().count(), pal_server::config::keys().len(), "{text}");
    assert_eq!(shown(&text, "data_dir"), ("2026".to_owned(), "environment".to_owned()));
    assert_eq!(shown(&text, "identity.issuers"), ("1".to_owned(), format!("entries {file}")));
    assert!(!text.contains("not-shown"), "{text}");
}

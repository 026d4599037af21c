//! Where a code may be sent: native applications, on this machine's own loopback (T46).

/// Whether an address is one of a public client: `http://localhost` or a loopback address, any
/// port, any path without tricks. Compared by its parts, never by its beginning.
pub fn is_loopback(uri: &str) -> bool {
    let Some(rest) = uri.strip_prefix("http://") else { return false };
    let visible = uri.bytes().all(|byte| (b'!'..=b'~').contains(&byte));
    if !visible
        || uri.len() > 200
        || uri.contains(['@', '#', '?', '\\', '%', ';', '*', '"', '<', '>'])
    {
        return false;
    }
    let (authority, path) = rest.split_at(rest.find('/').unwrap_or(rest.len()));
    if path.split('/').any(|segment| matches!(segment, "." | "..")) || path.contains("//") {
        return false;
    }
    let (host, port) = match authority.strip_prefix('[') {
        Some(rest) => match rest.split_once(']') {
            Some(("::1", after)) => {
                ("::1", after.strip_prefix(':').or((after.is_empty()).then_some("80")))
            }
            _ => return false,
        },
        None => match authority.split_once(':') {
            Some((host, port)) => (host, Some(port)),
            None => (authority, Some("80")),
        },
    };
    let digits = |port: &str| port.bytes().all(|b| b.is_ascii_digit()) && !port.starts_with('0');
    let good_port = port.is_some_and(|port| digits(port) && port.parse::<u16>().is_ok());
    matches!(host, "localhost" | "127.0.0.1" | "::1") && good_port
}

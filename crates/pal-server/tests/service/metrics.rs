//! What is counted where it happens.

use crate::service::support::{FABRIKAM, OPERATOR, World};

fn value(world: &World, series: &str) -> Option<f64> {
    let text = world.app.metrics.text().unwrap();
    let line = text.lines().find_map(|line| line.strip_prefix(series)).map(str::to_owned);
    line.and_then(|value| value.trim().parse().ok())
}

#[tokio::test]
async fn reports_requests_and_changes_of_links_are_counted() {
    let world = World::new().await;
    let token = world.token(OPERATOR);
    let count = "openpal_report_duration_seconds_count{form=\"page\"}";
    assert_eq!(value(&world, count), None);
    let answer = world.call("GET", "/api/v1/reports".to_owned(), &token).await;
    assert_eq!(answer.status, 200, "{}", answer.text());
    assert_eq!(value(&world, count), Some(1.0));
    let answer = world.call("GET", "/api/v1/reports?balance=true".to_owned(), &token).await;
    assert_eq!(answer.status, 200, "{}", answer.text());
    assert_eq!(value(&world, "openpal_report_duration_seconds_count{form=\"balance\"}"), Some(1.0));
    let path =
        "openpal_http_requests_total{method=\"GET\",route=\"/api/v1/reports\",status=\"2xx\"}";
    assert_eq!(value(&world, path), Some(2.0));
    let partner = "/providers/Microsoft.ManagementPartner/partners/5127255?api-version=2018-02-01";
    for (action, outcome) in [("create", "done"), ("create", "refused")] {
        world.call("PUT", partner.to_owned(), &token).await;
        let series =
            format!("openpal_link_writes_total{{action=\"{action}\",outcome=\"{outcome}\"}}");
        assert_eq!(value(&world, &series), Some(1.0), "{series}");
    }
    assert!(!world.app.metrics.text().unwrap().contains(FABRIKAM));
}

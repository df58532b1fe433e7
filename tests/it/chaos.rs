//! `selftest chaos` as an operator runs it: a few hundred deaths, at every named point, and nothing lost or done twice.

use std::collections::BTreeSet;
use std::process::Stdio;

use serde_json::Value;
use tests::Home;

/// Enough for every point to have its turn several times.
const KILLS: u64 = 250;

fn program() -> Home {
    Home::new(env!("CARGO_BIN_EXE_abstractgateway"))
}

/// The points, as the program names them when it is told a wrong one.
fn points() -> BTreeSet<String> {
    let ended = program().set("FAIL_POINT", "nowhere").run(&["serve", "--host", "127.0.0.1", "--port", "0"]);
    assert_eq!(ended.code, Some(3), "{}", ended.log);
    let (_, names) = ended.log.split_once("there are ").unwrap();
    names.lines().next().unwrap().trim_end_matches('.').split(", ").map(str::to_owned).collect()
}

#[test]
fn nothing_is_lost_or_done_twice_over_hundreds_of_deaths() {
    let kills = KILLS.to_string();
    let home = program();
    let mut command = home.command(&["selftest", "chaos", "--kills", &kills, "--seed", "20261125", "-o", "json"]);
    let ended = command.stdout(Stdio::piped()).output().unwrap();
    let told = String::from_utf8_lossy(&ended.stderr);
    let report: Value = serde_json::from_slice(&ended.stdout).unwrap_or_else(|e| panic!("no report: {e}; {told}"));
    assert_eq!(report["violations"], Value::Array(Vec::new()), "{told}");
    assert!(ended.status.success(), "{told}");
    assert_eq!(report["kills"], KILLS);
    let reached: BTreeSet<String> = report["killed"]["points"].as_object().unwrap().keys().cloned().collect();
    assert_eq!(reached, points());
    assert!(report["runs"].as_u64() > Some(KILLS), "{report}");
    assert!(report["stories"].as_object().unwrap().values().all(|told| told.as_u64() > Some(0)), "{report}");
}

#[test]
fn a_scratch_directory_with_something_in_it_is_left_alone() {
    let home = program();
    home.put("mine", b"1");
    let ended = home.run(&["selftest", "chaos", "--kills", "1", "--scratch", home.data_dir().to_str().unwrap()]);
    assert_eq!(ended.code, Some(1));
    assert!(ended.log.contains("is not empty"), "{}", ended.log);
    assert_eq!(home.names_in(""), ["mine"]);
}

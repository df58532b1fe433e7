use super::*;
use crate::api::ledger::{LedgerVerified, ProblemKind};

/// Records as the chain of AbstractRuntime 0.4.28 wrote them: another program, the same digits.
const REFERENCE: &str = include_str!("reference.jsonl");

fn verify(head: Option<Head>, records: &[(u64, String)]) -> LedgerVerified {
    let mut verifier = Verifier::new("run-1", head);
    records.iter().for_each(|(place, text)| verifier.record(*place, text));
    verifier.finish()
}

fn numbered(texts: &[&str]) -> Vec<(u64, String)> {
    (1..).zip(texts.iter().map(|text| (*text).to_owned())).collect()
}

fn head(records: &[&str]) -> Head {
    let last: Value = serde_json::from_str(records.last().unwrap()).unwrap();
    let hash = last["record_hash"].as_str().map(str::to_owned);
    Head { len: records.len() as u64, hash, chained_from: Some(1) }
}

#[test]
fn records_link_to_the_hashes_of_the_reference() {
    let mut prev: Option<String> = None;
    for line in REFERENCE.lines() {
        let expected: Value = serde_json::from_str(line).unwrap();
        let mut record: StepRecord = serde_json::from_str(line).unwrap();
        let linked = Unlinked::of(&mut record).unwrap().link(prev.as_deref());
        assert_eq!(linked.hash, expected["record_hash"], "{line}");
        // Only the digits of floats may differ: the text is ours.
        let exponents = |text: &str| text.replace("e+", "e").replace("1e-07", "1e-7");
        assert_eq!(exponents(&linked.text), exponents(line));
        prev = Some(linked.hash);
    }
}

#[test]
fn a_sound_ledger_is_sound_and_says_its_head() {
    let records: Vec<&str> = REFERENCE.lines().collect();
    let report = verify(Some(head(&records)), &numbered(&records));
    assert!(report.ok, "{report:?}");
    assert_eq!((report.records, report.unchained, report.chained_from), (3, 0, Some(1)));
    assert_eq!(report.head_hash, head(&records).hash);
    assert!(verify(None, &[]).ok);
}

#[test]
fn numbers_hash_to_what_they_are_whatever_their_digits() {
    let member = |text: &str| {
        let mut out = String::new();
        canonical::object(&mut out, [("x", text)], 0).map(|()| out)
    };
    for (text, expected) in [
        ("1.0", "1.0"),
        ("1e20", "1e+20"),
        ("0.30000000000000004", "0.30000000000000004"),
        ("123456789012345678901234567890", "123456789012345678901234567890"),
        ("-0", "0"),
        ("-0.0", "-0.0"),
        ("{\"b\": 1, \"a\" : [ 1 , {} ]}", "{\"a\":[1,{}],\"b\":1}"),
        ("\"\\u00e9\\/\"", "\"é/\""),
    ] {
        assert_eq!(member(text), Ok(format!("{{\"x\":{expected}}}")), "{text}");
    }
    let deep = format!("{}{}", "[".repeat(600), "]".repeat(600));
    for text in ["{\"a\":1,\"a\":2}", "[1,]", deep.as_str()] {
        assert!(member(text).is_err(), "{text}");
    }
}

/// What happens to a ledger, and what is found then.
#[test]
fn every_way_to_change_a_ledger_is_found() {
    use ProblemKind::{Changed, Head as Ending, Misplaced, Missing, Truncated, Unchained, Unexpected, Unreadable};
    type Tamper = fn(&mut Vec<(u64, String)>);
    type Case = (&'static str, Tamper, &'static [(u64, ProblemKind)]);
    let without_hash = |text: &str| {
        let mut value: Value = serde_json::from_str(text).unwrap();
        value["record_hash"] = Value::Null;
        value.to_string()
    };
    let rehashed = |text: &str| {
        let mut record: StepRecord = serde_json::from_str(text).unwrap();
        let prev = record.prev_hash.clone();
        record.node_id = "other".into();
        Unlinked::of(&mut record).unwrap().link(prev.as_deref()).text
    };
    let records: Vec<&str> = REFERENCE.lines().collect();
    let check = |what: &str, tampered: Vec<(u64, String)>, expected: &[(u64, ProblemKind)]| {
        let report = verify(Some(head(&records)), &tampered);
        let found: Vec<_> = report.problems.iter().map(|p| (p.cursor, p.kind)).collect();
        assert_eq!((found.as_slice(), report.ok), (expected, false), "{what}: {report:#?}");
    };
    let simple: &[Case] = &[
        ("a word", |r| r[1].1 = r[1].1.replace("\"attempt\":2", "\"attempt\":3"), &[(2, Changed)]),
        ("a digit", |r| r[1].1 = r[1].1.replace("00000000004", "00000000014"), &[(2, Changed)]),
        (
            "a second member",
            |r| r[1].1 = r[1].1.replacen('{', "{\"attempt\":9,", 1),
            &[(2, Unreadable), (3, Misplaced)],
        ),
        ("a new member", |r| r[1].1 = r[1].1.replacen('{', "{\"note\":9,", 1), &[(2, Changed)]),
        ("garbage", |r| r[1].1 = "{".into(), &[(2, Unreadable), (3, Misplaced)]),
        ("one gone", |r| drop(r.remove(1)), &[(2, Missing)]),
        ("the first gone", |r| drop(r.remove(0)), &[(1, Missing)]),
        (
            "one gone, the rest moved up",
            |r| {
                r.remove(1);
                r[1].0 = 2;
            },
            &[(2, Misplaced), (3, Truncated)],
        ),
        ("the last gone", |r| drop(r.pop()), &[(3, Truncated)]),
        ("all gone", Vec::clear, &[(1, Truncated)]),
        (
            "two swapped",
            |r| {
                let first = std::mem::take(&mut r[0].1);
                r[0].1 = std::mem::replace(&mut r[1].1, first);
            },
            &[(1, Misplaced), (2, Misplaced), (3, Misplaced)],
        ),
        (
            "one twice",
            |r| {
                let again = r[1].1.clone();
                r.insert(2, (3, again));
                r[3].0 = 4;
            },
            &[(3, Misplaced), (4, Unexpected)],
        ),
        (
            "one more",
            |r| {
                let again = r[2].1.clone();
                r.push((4, again));
            },
            &[(4, Misplaced), (4, Unexpected)],
        ),
        ("of another run", |r| r[0].1 = r[0].1.replace("\"run-1\"", "\"run-2\""), &[(1, Misplaced), (1, Changed)]),
    ];
    for (what, tamper, expected) in simple {
        let mut tampered = numbered(&records);
        tamper(&mut tampered);
        check(what, tampered, expected);
    }
    let mut tampered = numbered(&records);
    tampered[0].1 = without_hash(&tampered[0].1);
    check("a hash gone", tampered, &[(1, Unchained), (2, Misplaced)]);
    let mut tampered = numbered(&records);
    tampered[1].1 = rehashed(&tampered[1].1);
    check("changed and hashed anew", tampered, &[(3, Misplaced)]);
    let mut tampered = numbered(&records);
    tampered[2].1 = rehashed(&tampered[2].1);
    check("the last changed and hashed anew", tampered, &[(3, Ending)]);
}

#[test]
fn what_was_there_before_the_chain_is_accepted_and_counted() {
    let records: Vec<&str> = REFERENCE.lines().collect();
    let mut old = vec![(1, "{\"run_id\":\"run-1\",\"record_hash\":null}".to_owned()), (2, "{\"torn".to_owned())];
    old.extend((3..).zip(records.iter().map(|text| (*text).to_owned())));
    let kept = head(&records);
    for chained_from in [Some(3), None] {
        let kept = Head { len: 5, chained_from, ..kept.clone() };
        let report = verify(Some(kept), &old);
        assert!(report.ok, "{report:?}");
        assert_eq!((report.records, report.unchained, report.chained_from), (5, 2, Some(3)));
    }
    // Taking the hashes away does not make a chain old.
    let report = verify(Some(Head { len: 2, hash: None, chained_from: Some(1) }), &old[..2]);
    assert_eq!(report.problem_count, 2);
    assert!(verify(Some(Head { len: 2, hash: None, chained_from: None }), &old[..2]).ok);
}

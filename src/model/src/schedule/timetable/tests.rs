//! Policies as data: a schedule every ten minutes, what happened, and what comes next.

use super::*;

/// `HH:MM[:SS]` of the day the tests play on.
fn at(text: &str) -> Timestamp {
    Timestamp::parse(&format!("2026-11-22T{text}Z")).unwrap()
}

fn text(turn: Turn) -> String {
    let time = |moment: Timestamp| moment.to_string()[11..19].to_owned();
    match turn {
        Turn::Run(moment) => format!("run {}", time(moment)),
        Turn::Wait(moment) => format!("wait {}", time(moment)),
        Turn::Over => "over".into(),
    }
}

fn timetable(overlap: &str, catch_up: &str) -> Timetable {
    let mut timetable = Timetable::new("*/10 * * * *".into(), "UTC".into(), at("10:00:00"), at("10:00:00"));
    timetable.overlap = Overlap::parse(overlap).unwrap();
    timetable.catch_up = CatchUp::parse(catch_up).unwrap();
    timetable
}

/// Plays turns: the moment, perhaps the end of the execution before it, and what comes.
fn play(timetable: &mut Timetable, turns: &[(&str, Option<&str>, &str)]) {
    let calendar = timetable.calendar().unwrap();
    for (now, ended, expected) in turns {
        let turn = timetable.turn(&calendar, at(now), ended.map(at));
        assert_eq!(text(turn), *expected, "at {now} after {ended:?}: {timetable:#?}");
    }
}

#[test]
fn times_come_one_after_the_other_and_once() {
    let mut timetable = timetable("skip", "one");
    play(
        &mut timetable,
        &[
            ("10:00:00", None, "run 10:00:00"),
            ("10:02:00", Some("10:02:00"), "wait 10:10:00"),
            ("10:10:00", None, "run 10:10:00"),
            ("10:10:00", Some("10:10:00"), "wait 10:20:00"),
            // Looking early, or twice, changes nothing.
            ("10:15:00", None, "wait 10:20:00"),
            ("10:19:59", None, "wait 10:20:00"),
            ("10:20:03", None, "run 10:20:00"),
        ],
    );
    assert_eq!((timetable.run_count, timetable.last_run_at), (3, Some(at("10:20:00"))));
    assert_eq!((timetable.next_run_at, timetable.last_skipped_at), (Some(at("10:30:00")), None));
}

#[test]
fn an_execution_that_takes_too_long_is_a_matter_of_overlap() {
    let check = |overlap: &str, ended: &str, expected: &str| {
        play(&mut timetable(overlap, "one"), &[("10:00:00", None, "run 10:00:00"), (ended, Some(ended), expected)]);
    };
    for (ended, skip, queue) in [
        ("10:09:59", "wait 10:10:00", "wait 10:10:00"),
        ("10:10:00", "wait 10:20:00", "run 10:10:00"),
        ("10:10:01", "wait 10:20:00", "run 10:10:00"),
        ("10:35:00", "wait 10:40:00", "run 10:30:00"),
    ] {
        check("skip", ended, skip);
        check("queue", ended, queue);
        check("cancel", ended, queue);
    }
    let mut skipping = timetable("skip", "one");
    play(&mut skipping, &[("10:00:00", None, "run 10:00:00"), ("10:35:00", Some("10:35:00"), "wait 10:40:00")]);
    assert_eq!(skipping.last_skipped_at, Some(at("10:30:00")));
    // Executions side by side: nobody waits for an end.
    play(
        &mut timetable("allow", "one"),
        &[("10:00:00", None, "run 10:00:00"), ("10:00:00", None, "wait 10:10:00"), ("10:10:00", None, "run 10:10:00")],
    );
}

#[test]
fn times_nobody_looked_at_are_a_matter_of_catch_up() {
    let first = ("10:00:00", None, "run 10:00:00");
    let idle = ("10:01:00", Some("10:01:00"), "wait 10:10:00");
    let check = |catch_up: &str, more: &[(&str, Option<&str>, &str)]| {
        play(&mut timetable("skip", catch_up), &[&[first, idle], more].concat());
    };
    // Up to a minute is on time.
    for catch_up in ["one", "none", "all"] {
        check(catch_up, &[("10:10:59.999999", None, "run 10:10:00")]);
    }
    check("none", &[("10:11:00", None, "wait 10:20:00")]);
    check("none", &[("10:45:00", None, "wait 10:50:00")]);
    check("none", &[("10:40:30", None, "run 10:40:00"), ("10:41:00", Some("10:41:00"), "wait 10:50:00")]);
    check("one", &[("10:11:00", None, "run 10:10:00")]);
    check("one", &[("10:45:00", None, "run 10:40:00"), ("10:46:00", Some("10:46:00"), "wait 10:50:00")]);
    check(
        "all",
        &[
            ("10:45:00", None, "run 10:10:00"),
            ("10:46:00", Some("10:46:00"), "run 10:20:00"),
            ("10:47:00", Some("10:47:00"), "run 10:30:00"),
            // A time that comes meanwhile is an overlap, not a missed one.
            ("10:51:00", Some("10:51:00"), "run 10:40:00"),
            ("10:52:00", Some("10:52:00"), "wait 11:00:00"),
        ],
    );
}

#[test]
fn what_went_on_when_the_gateway_died_is_told_from_what_was_missed() {
    // The execution ended at 10:25; somebody looked at 10:45.
    let down = |overlap: &str, catch_up: &str, expected: &[(&str, Option<&str>, &str)]| {
        play(&mut timetable(overlap, catch_up), &[&[("10:00:00", None, "run 10:00:00")], expected].concat());
    };
    down("skip", "none", &[("10:45:00", Some("10:25:00"), "wait 10:50:00")]);
    down("skip", "one", &[("10:45:00", Some("10:25:00"), "run 10:40:00")]);
    let idle = ("10:46:00", Some("10:46:00"), "wait 10:50:00");
    down("queue", "none", &[("10:45:00", Some("10:25:00"), "run 10:20:00"), idle]);
    down("queue", "one", &[("10:45:00", Some("10:25:00"), "run 10:40:00"), idle]);
    let made_up = ("10:46:00", Some("10:46:00"), "run 10:40:00");
    down("skip", "all", &[("10:45:00", Some("10:25:00"), "run 10:30:00"), made_up]);
    down(
        "queue",
        "all",
        &[
            ("10:45:00", Some("10:25:00"), "run 10:20:00"),
            ("10:46:00", Some("10:46:00"), "run 10:30:00"),
            ("10:47:00", Some("10:47:00"), "run 10:40:00"),
            ("10:48:00", Some("10:48:00"), "wait 10:50:00"),
        ],
    );
}

#[test]
fn so_many_missed_times_are_made_up_for() {
    for (missed, expected) in [(99, 99), (100, 100), (101, 100), (5000, 100)] {
        let mut timetable = Timetable::new("* * * * *".into(), "UTC".into(), at("10:00:00"), at("10:00:00"));
        (timetable.catch_up, timetable.overlap) = (CatchUp::All, Overlap::Allow);
        let calendar = timetable.calendar().unwrap();
        let now = at("09:59:30").plus_micros(missed * 60_000_000);
        let mut runs = Vec::new();
        while let Turn::Run(time) = timetable.turn(&calendar, now, None) {
            runs.push(time);
        }
        assert_eq!(runs.len(), expected, "{missed}");
        assert_eq!(runs.last(), Some(&now.plus_micros(-30_000_000)));
        assert!(runs.is_sorted());
    }
}

#[test]
fn it_ends_after_its_count_or_its_moment() {
    let mut counted = timetable("skip", "one");
    counted.repeat_count = Some(2);
    play(
        &mut counted,
        &[
            ("10:00:00", None, "run 10:00:00"),
            ("10:01:00", Some("10:01:00"), "wait 10:10:00"),
            ("10:10:00", None, "run 10:10:00"),
            ("10:11:00", Some("10:11:00"), "over"),
        ],
    );
    assert_eq!(counted.next_run_at, None);
    for (until, last) in [("10:09:59", "over"), ("10:10:00", "wait 10:10:00")] {
        let mut ending = timetable("skip", "one");
        ending.repeat_until = Some(format!("2026-11-22T{until}Z"));
        play(&mut ending, &[("10:00:00", None, "run 10:00:00"), ("10:01:00", Some("10:01:00"), last)]);
    }
    let mut missed = timetable("skip", "one");
    missed.repeat_until = Some("2026-11-22T10:25:00Z".into());
    play(&mut missed, &[("12:00:00", None, "run 10:20:00"), ("12:01:00", Some("12:01:00"), "over")]);
}

#[test]
fn a_clock_that_goes_back_repeats_nothing_and_stops_nothing() {
    let mut timetable = timetable("skip", "one");
    play(
        &mut timetable,
        &[
            ("10:00:00", None, "run 10:00:00"),
            ("10:01:00", Some("10:01:00"), "wait 10:10:00"),
            ("10:10:00", None, "run 10:10:00"),
            // A correction: the times that were are not again.
            ("09:58:00", Some("09:58:00"), "wait 10:20:00"),
            ("10:05:00", None, "wait 10:20:00"),
            ("10:20:00", None, "run 10:20:00"),
            // A jump forward is a matter of catch_up, once.
            ("15:05:00", Some("10:21:00"), "run 15:00:00"),
            // It was wrong: more than three hours back counts from there.
            ("10:22:00", Some("10:22:00"), "wait 10:30:00"),
            ("10:30:00", None, "run 10:30:00"),
        ],
    );
    for (back, expected) in [("12:00:00", "wait 15:10:00"), ("11:59:59", "wait 12:00:00")] {
        let mut edge = timetable.clone();
        (edge.settled_until, edge.looked_at) = (at("15:00:00"), at("15:00:00"));
        play(&mut edge, &[(back, None, expected)]);
    }
}

#[test]
fn a_request_runs_at_once_and_leaves_the_next_time() {
    let mut timetable = timetable("skip", "one");
    play(&mut timetable, &[("10:00:00", None, "run 10:00:00"), ("10:01:00", Some("10:01:00"), "wait 10:10:00")]);
    timetable.requested = true;
    play(
        &mut timetable,
        &[
            ("10:03:00", None, "run 10:03:00"),
            ("10:04:00", Some("10:04:00"), "wait 10:10:00"),
            ("10:10:00", None, "run 10:10:00"),
        ],
    );
}

#[test]
fn another_expression_moves_the_next_time_or_keeps_it() {
    for (keep, turns) in [
        (false, [("10:03:00", None, "wait 10:05:00"), ("10:05:00", None, "run 10:05:00")]),
        (true, [("10:05:00", None, "wait 10:10:00"), ("10:10:00", None, "run 10:10:00")]),
    ] {
        let mut timetable = timetable("skip", "one");
        play(&mut timetable, &[("10:00:00", None, "run 10:00:00"), ("10:01:00", Some("10:01:00"), "wait 10:10:00")]);
        let calendar = Calendar::read("*/5 * * * *", "UTC").unwrap();
        timetable.change("*/5 * * * *".into(), "UTC".into(), &calendar, at("10:02:00"), keep);
        assert_eq!(timetable.next_run_at, Some(at(if keep { "10:10:00" } else { "10:05:00" })));
        play(&mut timetable, &turns);
        let next =
            if keep { ("10:11:00", Some("10:11:00"), "wait 10:15:00") } else { ("10:06:00", None, "wait 10:10:00") };
        play(&mut timetable, &[next]);
    }
}

#[test]
fn it_is_read_from_the_record_it_was_stored_in() {
    let mut vars = Map::new();
    let record = crate::run::object_at(crate::run::object_at(&mut vars, "_meta"), "schedule");
    record.insert("kind".into(), super::super::KIND.into());
    record.insert("interval".into(), Value::Null);
    let mut timetable = timetable("queue", "all");
    play(&mut timetable, &[("10:00:00", None, "run 10:00:00")]);
    timetable.store(record);
    assert_eq!((&record["overlap"], &record["catch_up"]), (&"queue".into(), &"all".into()));
    let mut run = Run::new("r".into(), "scheduled:1".into(), "start".into(), vars, at("10:00:00"));
    assert_eq!(Timetable::of(&run), Some(timetable));
    assert!(!must_look_again(&run, at("07:00:00")) && must_look_again(&run, at("06:59:59")));
    super::super::record(&run).unwrap();
    run.namespace("_meta").clear();
    assert_eq!(Timetable::of(&run), None);
}

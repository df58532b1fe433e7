//! When a schedule would run. The words are read as those of a schedule; nothing is made.

use model::api::runs::{PreviewSchedule, SchedulePreview, ScheduledTime};
use model::schedule::calendar::Calendar;
use model::{Code, Error, Timestamp};

use super::plan::{self, Asked, Plan};
use super::times;
use crate::{Answer, Call, Handle, Services, clock};

impl Handle<PreviewSchedule> for Services {
    async fn handle(&self, _: Call, input: PreviewSchedule) -> Result<Answer<SchedulePreview>, Error> {
        Ok(preview(&input, clock::now())?.into())
    }
}

fn preview(input: &PreviewSchedule, now: Timestamp) -> Result<SchedulePreview, Error> {
    let plan = plan::read(Asked::of_preview(input), now)?;
    let time_zone = plan.timetable.as_ref().map_or_else(clock::zone_name, |timetable| timetable.time_zone.clone());
    // Only its clocks are asked.
    let clocks = Calendar::read("@daily", &time_zone).map_err(|why| Error::new(Code::BadRequest, why))?;
    let times = times::of(&plan, now, usize::try_from(input.count).unwrap_or(1));
    let items = times.into_iter().map(|at| ScheduledTime { at, local: clocks.local(at) }).collect();
    Ok(SchedulePreview { time_zone, exact: is_exact(&plan), items })
}

/// An interval counts from the end of an execution.
fn is_exact(plan: &Plan) -> bool {
    use flow::schedule::Rhythm;
    !matches!(&plan.rhythm, Rhythm::Forever { .. } | Rhythm::Times { interval: Some(_), .. })
}

#[cfg(test)]
mod tests {
    use serde_json::{Value, json};

    use super::*;

    fn of(given: Value) -> SchedulePreview {
        let mut input = json!({"count": 3});
        input.as_object_mut().unwrap().extend(given.as_object().cloned().unwrap());
        preview(&serde_json::from_value(input).unwrap(), Timestamp::parse("2026-03-28T12:00:00Z").unwrap()).unwrap()
    }

    fn local(given: Value) -> Vec<String> {
        of(given).items.into_iter().map(|time| time.local).collect()
    }

    #[test]
    fn times_are_shown_in_utc_and_as_the_clocks_show_them() {
        let shown = of(json!({"cron": "30 2 * * *", "time_zone": "Europe/Paris", "count": 2}));
        assert_eq!(
            serde_json::to_value(shown).unwrap(),
            json!({"time_zone": "Europe/Paris", "exact": true, "items": [
                {"at": "2026-03-29T01:00:00+00:00", "local": "2026-03-29T03:00:00+02:00"},
                {"at": "2026-03-30T00:30:00+00:00", "local": "2026-03-30T02:30:00+02:00"},
            ]})
        );
    }

    #[test]
    fn a_preview_ends_where_the_schedule_does() {
        let utc = |more: Value| {
            let mut given = json!({"cron": "0 */6 * * *", "time_zone": "UTC"});
            given.as_object_mut().unwrap().extend(more.as_object().cloned().unwrap());
            local(given)
        };
        let (noon, six, night) =
            ("2026-03-28T12:00:00+00:00", "2026-03-28T18:00:00+00:00", "2026-03-29T00:00:00+00:00");
        assert_eq!(utc(json!({})), [noon, six, night]);
        assert_eq!(utc(json!({"repeat_count": 2})), [noon, six]);
        assert_eq!(utc(json!({"repeat_until": "2026-03-28T18:00:00Z"})), [noon, six]);
        assert_eq!(utc(json!({"start_at": "1h", "repeat_count": 1})), [six]);
        assert_eq!(utc(json!({"start_at": "2020-01-01", "repeat_count": 1})), [noon]);
    }

    #[test]
    fn an_interval_gives_the_earliest_times() {
        let shown = of(json!({"interval": "1h", "start_at": "2026-03-28T13:00:00Z"}));
        let at: Vec<String> = shown.items.iter().map(|time| time.at.to_string()).collect();
        assert_eq!(at, ["2026-03-28T13:00:00+00:00", "2026-03-28T14:00:00+00:00", "2026-03-28T15:00:00+00:00"]);
        assert!(!shown.exact);
        let once = of(json!({"start_at": "10m"}));
        assert_eq!((once.items.len(), once.exact), (1, true));
        assert_eq!(of(json!({"interval": "1h", "repeat_count": 2})).items.len(), 2);
    }
}

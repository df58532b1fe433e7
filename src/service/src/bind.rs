//! The rows bound to their methods. A row nobody bound fails a test; a row without a method does not compile here.

use model::api::{
    audit, bundles, commands, defaults, health, kg, ledger, reservations, runs, sessions, storage, users, workflows,
};

use crate::face::{Bound, bound};

/// Every operation of the product with its method.
#[must_use]
pub fn operations() -> Vec<Bound> {
    vec![
        bound::<audit::TailAudit>(),
        bound::<bundles::ListBundles>(),
        bound::<bundles::ShowBundle>(),
        bound::<bundles::ShowBundleFlow>(),
        bound::<bundles::ShowInputSchema>(),
        bound::<bundles::UploadBundle>(),
        bound::<bundles::ReloadBundles>(),
        bound::<bundles::RemoveBundle>(),
        bound::<bundles::DeprecateBundle>(),
        bound::<bundles::UndeprecateBundle>(),
        bound::<commands::SendCommand>(),
        bound::<defaults::ShowDefaults>(),
        bound::<defaults::SetDefault>(),
        bound::<defaults::SetTaskDefault>(),
        bound::<defaults::ClearDefault>(),
        bound::<defaults::ClearTaskDefault>(),
        bound::<health::Health>(),
        bound::<health::Readiness>(),
        bound::<health::Ping>(),
        bound::<kg::QueryGraph>(),
        bound::<ledger::ReadLedger>(),
        bound::<ledger::ReadLedgers>(),
        bound::<ledger::VerifyLedger>(),
        bound::<ledger::FollowLedger>(),
        bound::<reservations::ListReservations>(),
        bound::<reservations::TransferReservation>(),
        bound::<reservations::PurgeReservation>(),
        bound::<runs::StartRun>(),
        bound::<runs::ScheduleRun>(),
        bound::<runs::PreviewSchedule>(),
        bound::<runs::ShowRun>(),
        bound::<runs::ListRuns>(),
        bound::<runs::ShowRunInput>(),
        bound::<runs::fork::ForkRun>(),
        bound::<runs::history::ShowHistory>(),
        bound::<runs::prune::PruneRuns>(),
        bound::<runs::purge::PurgeDrafts>(),
        bound::<runs::talk::SummarizeRun>(),
        bound::<runs::talk::ChatAboutRun>(),
        bound::<runs::talk::KeepChatThread>(),
        bound::<runs::workspace::OpenWorkspace>(),
        bound::<sessions::WhoAmI>(),
        bound::<sessions::Login>(),
        bound::<sessions::Logout>(),
        bound::<storage::ShowStorage>(),
        bound::<storage::CompactStorage>(),
        bound::<users::ListUsers>(),
        bound::<users::CreateUser>(),
        bound::<users::ShowUser>(),
        bound::<users::UpdateUser>(),
        bound::<users::DeleteUser>(),
        bound::<workflows::ShowWorkflowFlow>(),
    ]
}

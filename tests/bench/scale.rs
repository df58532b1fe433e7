//! What a gateway is like that has many runs: a list of them, and a start on them.
//!
//! May not know: which gateway it is. Invariant: the runs are made over HTTP, as everybody makes them.

use std::cell::Cell;
use std::time::Duration;

use anyhow::{Context, Result};
use futures_util::future::try_join_all;

use crate::client::{Client, Place};
use crate::figures::Figures;
use crate::gateway::Gateway;
use crate::load::{install, list, start, within};
use crate::{Options, flows};

const FINISHED: usize = 100_000;
const WAITING: usize = 10_000;

/// Takes the figures.
pub(crate) async fn all(gateway: &mut Gateway, options: &Options, figures: &mut Figures) -> Result<()> {
    let patience = Duration::from_secs_f64(options.patience);
    install(&gateway.place).await.context("the bundles could not be installed")?;
    let made = async {
        make(&gateway.place, options.connections, flows::ASK, WAITING).await?;
        make(&gateway.place, options.connections, flows::TRIVIAL, FINISHED).await
    };
    within(patience * 10, made).await.context("the runs could not be made")?;
    figures.add("many_list_p50_ms", "list 50 of 110000 runs, p50", "ms", within(patience, list(&gateway.place)).await);
    let again = gateway.start_again(options).await;
    figures.add("many_start_ms", "start to healthy on them", "ms", again.map(|()| gateway.start_ms));
    figures.add("many_rss_mib", "memory after that", "MiB", gateway.rss_mib());
    Ok(())
}

/// Starts so many runs of a bundle.
async fn make(place: &Place, connections: usize, bundle: &str, count: usize) -> Result<()> {
    let left = &Cell::new(count);
    let workers = (0..connections).map(async |_| {
        let mut client = Client::connect(place).await?;
        while left.get() > 0 {
            left.set(left.get() - 1);
            start(&mut client, bundle).await?;
        }
        anyhow::Ok(())
    });
    try_join_all(workers).await?;
    Ok(())
}

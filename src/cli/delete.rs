//! `dagtrail delete`: removes histories, for good. Does I/O.

use anyhow::bail;

use super::client::Error;
use super::object::{self, Object};
use super::out;
use super::reach::Reach;

pub(super) const EXAMPLES: &str =
    "What a cluster or a client tells later of the time before stays away.

Examples:
  dagtrail delete 8c1d0f52-0000-4000-8000-000000000002
  dagtrail delete team-a/job/nightly job/weekly -n team-a
  dagtrail delete --ignore-not-found 8c1d0f52-0000-4000-8000-000000000002";

/// `delete`.
#[derive(Debug, clap::Args)]
pub(super) struct Args {
    /// <id>, kind/name or namespace/kind/name
    #[arg(value_name = "EXECUTION", required = true)]
    objects: Vec<Object>,
    /// An execution that is not there is no error
    #[arg(long)]
    ignore_not_found: bool,
    #[command(flatten)]
    pub(super) reach: Reach,
}

pub(super) async fn run(args: Args) -> anyhow::Result<()> {
    if args.objects.contains(&Object::Latest) {
        bail!("@latest may be another execution by the time it is deleted: say which");
    }
    let reached = args.reach.reach().await?;
    for object in &args.objects {
        let deleted = async {
            let id = object.id(&reached).await?;
            reached.client.delete(&id).await?;
            anyhow::Ok(id)
        };
        match deleted.await {
            Ok(id) => out::write(&format!(
                "deleted {}\n",
                super::show::line(&object::written(&id))
            ))?,
            Err(error)
                if args.ignore_not_found && error.downcast_ref().is_some_and(Error::is_unknown) => {
            }
            Err(error) => return Err(error),
        }
    }
    Ok(())
}

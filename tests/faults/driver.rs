//! Who writes the Events, and a log of every state that the API server has accepted. Does I/O.
//!
//! It does what client libraries do: counts on in the same Event, also by more than one, and makes an Event that is
//! gone again, under its name and with its count. An Event goes for good only when it was seen: nobody can know what
//! the last state of one was that came and went while nobody could look.

use anyhow::Result;
use k8s_openapi::api::core::v1::{Event, EventSource, ObjectReference};
use k8s_openapi::apimachinery::pkg::apis::meta::v1::Time;
use k8s_openapi::jiff::{SignedDuration, Timestamp};
use kube::api::{DeleteParams, Patch, PatchParams, PostParams};
use kube::{Api, Client};
use serde_json::json;

use crate::dice::Dice;
use crate::ground::About;
use crate::model::Said;
use crate::tally::Tally;

/// No controller uses these, and no catalogue knows them.
pub(crate) const REASONS: [&str; 5] = [
    "DrillPulled",
    "DrillBackOff",
    "DrillUnhealthy",
    "DrillMounted",
    "DrillScaled",
];
pub(crate) const TYPES: [&str; 2] = ["Normal", "Warning"];
const TEXTS: [&str; 3] = ["all is well", "it did not work: 镜像", "again"];

pub(crate) struct Driver {
    api: Api<Event>,
    namespace: String,
    about: Vec<About>,
    dice: Dice,
    tally: Tally,
    now: Timestamp,
    on_time: bool,
    made: u32,
    live: Vec<Said>,
    log: Vec<Said>,
}

impl Driver {
    /// It reaches the API server directly.
    pub(crate) fn new(
        client: Client,
        namespace: &str,
        about: Vec<About>,
        seed: u64,
        tally: Tally,
    ) -> Self {
        Self {
            api: Api::namespaced(client, namespace),
            namespace: namespace.to_owned(),
            about,
            dice: Dice::new(seed, "driver"),
            tally,
            // Its clock goes by steps, and starts a while ago.
            now: Timestamp::new(Timestamp::now().as_second() - 900, 0).expect("it is near now"),
            on_time: false,
            made: 0,
            live: Vec::new(),
            log: Vec::new(),
        }
    }

    /// With the machine's clock, in whole seconds: for those who ask when something was seen.
    pub(crate) fn on_time(self) -> Self {
        Self {
            on_time: true,
            ..self
        }
    }

    pub(crate) fn log(&self) -> &[Said] {
        &self.log
    }

    pub(crate) fn about(&self) -> &[About] {
        &self.about
    }

    /// From now on also about this.
    pub(crate) fn also_about(&mut self, about: About) {
        self.about.push(about);
    }

    /// Does one thing.
    pub(crate) async fn step(&mut self) -> Result<()> {
        if self.on_time {
            self.now = Timestamp::new(Timestamp::now().as_second(), 0)?;
        } else {
            self.now += SignedDuration::from_secs(self.dice.between(0, 3).into());
        }
        match self.dice.between(0, 99) {
            _ if self.live.is_empty() => self.make().await,
            0..30 => self.make().await,
            30..45 => self.make_again().await,
            _ => self.count_on().await,
        }
    }

    /// Lets some go for good, and some names begin anew: only to be done when all that was said has been seen.
    pub(crate) async fn part(&mut self) -> Result<()> {
        let mut anew = Vec::new();
        for _ in 0..self.dice.between(1, 3) {
            let Some(said) = self.take_one() else {
                break;
            };
            self.delete(&said).await?;
            anew.push(said);
        }
        anew.retain(|_| self.dice.permille(500));
        for said in anew {
            self.now += SignedDuration::from_secs(1);
            let said = Said {
                count: 1,
                first: self.now.to_string(),
                last: self.now.to_string(),
                ..said
            };
            self.create(said).await?;
        }
        Ok(())
    }

    async fn make(&mut self) -> Result<()> {
        self.made += 1;
        let about = self.dice.one_of(&self.about).clone();
        let skew = SignedDuration::from_secs(self.dice.between(0, 20).into());
        let said = Said {
            name: format!(
                "{}.{:x}",
                about.name,
                0x1800_0000_0000_0000 + u64::from(self.made)
            ),
            uid: about.uid,
            namespace: self.namespace.clone(),
            about: about.name,
            event_type: self.dice.one_of::<&str>(&TYPES),
            reason: self.dice.one_of::<&str>(&REASONS),
            message: (*self.dice.one_of(&TEXTS)).to_owned(),
            count: if self.dice.permille(100) {
                self.dice.between(2, 9)
            } else {
                1
            },
            first: (self.now - skew).to_string(),
            last: self.now.to_string(),
        };
        self.create(said).await
    }

    async fn count_on(&mut self) -> Result<()> {
        let Some(mut said) = self.take_one() else {
            return Ok(());
        };
        self.count(&mut said);
        let patch = json!({"count": said.count, "lastTimestamp": said.last});
        self.api
            .patch(&said.name, &PatchParams::default(), &Patch::Merge(patch))
            .await?;
        self.note(said);
        Ok(())
    }

    async fn make_again(&mut self) -> Result<()> {
        let Some(mut said) = self.take_one() else {
            return Ok(());
        };
        self.delete(&said).await?;
        self.tally.count("Event deleted and made again");
        tokio::time::sleep(self.dice.millis(0, 300)).await;
        self.count(&mut said);
        self.create(said).await
    }

    /// Some occurrences more.
    fn count(&mut self, said: &mut Said) {
        said.count += if self.dice.permille(300) {
            self.dice.between(2, 40)
        } else {
            1
        };
        said.last = self.now.to_string();
    }

    fn take_one(&mut self) -> Option<Said> {
        let most = u32::try_from(self.live.len()).ok()?.checked_sub(1)?;
        Some(self.live.swap_remove(self.dice.between(0, most) as usize))
    }

    fn note(&mut self, said: Said) {
        self.log.push(said.clone());
        self.live.push(said);
    }

    async fn delete(&self, said: &Said) -> Result<()> {
        self.api
            .delete(&said.name, &DeleteParams::default())
            .await?;
        Ok(())
    }

    async fn create(&mut self, said: Said) -> Result<()> {
        let about = self.about.iter().find(|about| about.uid == said.uid);
        let about = about.expect("it is told of one of them").clone();
        let mut event = Event {
            involved_object: ObjectReference {
                api_version: Some(about.api_version.into()),
                kind: Some(about.kind.into()),
                namespace: Some(said.namespace.clone()),
                name: Some(about.name),
                uid: Some(about.uid),
                ..Default::default()
            },
            type_: Some(said.event_type.into()),
            reason: Some(said.reason.into()),
            message: Some(said.message.clone()),
            count: Some(i32::try_from(said.count)?),
            first_timestamp: Some(Time(said.first.parse()?)),
            last_timestamp: Some(Time(said.last.parse()?)),
            source: Some(EventSource {
                component: Some("driver".into()),
                host: None,
            }),
            ..Default::default()
        };
        event.metadata.name = Some(said.name.clone());
        event.metadata.namespace = Some(said.namespace.clone());
        self.api.create(&PostParams::default(), &event).await?;
        self.note(said);
        Ok(())
    }
}

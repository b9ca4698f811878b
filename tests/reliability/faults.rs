//! The ways in which the wire fails: how each begins, lasts and ends.
//!
//! What must hold meanwhile is in `proxy`. Invariant: after a fault new links pass.

use std::time::{Duration, Instant};

use crate::support::Wire;
use crate::support::wire::{Door, Flow};
use crate::turn::{Dice, pause};

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Fault {
    /// Every link is cut, again and again.
    Cut,
    /// Bytes are held back, and come late.
    Hang,
    /// Every message takes its time.
    Delay,
    /// The service finds its links closed; the server keeps the sessions.
    ClientsGone,
    /// The server finds the links closed; the service's ends stay open and silent.
    ServersGone,
    /// Both ends stay open, and nothing ever arrives on those links again.
    Silence,
    /// The links are cut, and nobody listens.
    Refuse,
    /// The links are cut; new ones are taken and never answered.
    Blackhole,
}

impl Fault {
    pub const ALL: [Self; 8] = [
        Self::Cut,
        Self::Hang,
        Self::Delay,
        Self::ClientsGone,
        Self::ServersGone,
        Self::Silence,
        Self::Refuse,
        Self::Blackhole,
    ];

    /// Each kind once, then any.
    pub fn of_round(round: u32, dice: &mut Dice) -> Self {
        let nth = usize::try_from(round).unwrap();
        let any = usize::try_from(dice.below(Self::ALL.len() as u64)).unwrap();
        Self::ALL.get(nth).copied().unwrap_or(Self::ALL[any])
    }

    /// Begins, lasts so long, ends.
    pub fn last(self, wire: &Wire, duration: Duration, dice: &mut Dice) {
        let end = Instant::now() + duration;
        match self {
            Self::Cut => {
                while Instant::now() < end {
                    wire.cut();
                    pause(20);
                }
            }
            Self::Hang => wire.flow(Flow::Hold),
            Self::Delay => wire.flow(Flow::Delay(Duration::from_millis(5 + dice.below(30)))),
            Self::ClientsGone => wire.close_clients(),
            Self::ServersGone => wire.close_servers(),
            Self::Silence => wire.silence(),
            Self::Refuse => {
                wire.door(Door::Refuse);
                wire.cut();
            }
            Self::Blackhole => {
                wire.door(Door::Blackhole);
                wire.cut();
            }
        }
        std::thread::sleep(end.saturating_duration_since(Instant::now()));
        wire.flow(Flow::Pass);
        wire.door(Door::Open);
    }
}

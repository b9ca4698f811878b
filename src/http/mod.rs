//! The second floor: requests and answers.
//!
//! Lives here: the shapes on the wire and their bounds, one room per noun. Does not live here: any
//! rule about stock. Invariant: a domain value made here cannot hold what its bounds refuse.

pub mod reference;

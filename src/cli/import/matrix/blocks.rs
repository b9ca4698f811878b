//! Blocks: a table of many depots and regions, cut into what a routing server answers at a time.
//!
//! Lives here: the cuts. Does not live here: what is asked with them (`server`). Invariant: every
//! pair lies in exactly one block, and no block has more places than one request may name.

use std::ops::Range;

/// The fewest places of a request: one to go from and one to go to.
pub const LEAST: usize = 2;

/// The sources and destinations of each request, by number: at most `most` of both together, which
/// is what servers bound.
pub fn blocks(sources: usize, destinations: usize, most: usize) -> Vec<[Range<usize>; 2]> {
    let most = most.max(LEAST);
    // Where one side fits into less than half, the other has the rest.
    let tall = sources.min(most.saturating_sub(destinations).max(most / 2)).max(1);
    let wide = (most - tall).max(1);
    let cut = |count: usize, size: usize| {
        (0..count).step_by(size).map(move |from| from..from.saturating_add(size).min(count))
    };
    let row = |rows: Range<usize>| cut(destinations, wide).map(move |to| [rows.clone(), to]);
    cut(sources, tall).flat_map(row).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_pair_is_asked_for_once_and_no_request_is_too_large() {
        for sources in 0..=12 {
            for destinations in 0..=12 {
                for most in LEAST..=9 {
                    let told = format!("{sources} x {destinations} by {most}");
                    let mut asked = vec![vec![0; destinations]; sources];
                    for [from, to] in blocks(sources, destinations, most) {
                        assert!(from.len() + to.len() <= most, "{told}");
                        assert!(!from.is_empty() && !to.is_empty(), "{told}");
                        for row in from {
                            to.clone().for_each(|at| asked[row][at] += 1);
                        }
                    }
                    assert!(asked.iter().flatten().all(|times| *times == 1), "{told}");
                }
            }
        }
    }

    #[test]
    fn few_depots_leave_room_for_many_regions() {
        assert_eq!(blocks(10, 90, 100), [[0..10, 0..90]], "one request is enough");
        assert_eq!(blocks(10, 180, 100).len(), 2);
        assert_eq!(blocks(180, 10, 100).len(), 2);
        assert_eq!(blocks(100, 100, 100).len(), 4);
        assert_eq!(blocks(2, 2, 0).len(), 4, "one pair at least");
    }
}

//! What every engine does: one suite, run on each of them, and on the embedded one once more with a checkpoint
//! and an empty cache after each call that writes. Does I/O.

mod deleting;
mod executions;
mod folding;
mod following;
mod measuring;
mod pruning;
mod reading;
mod removing;
mod restless;
mod versions;

use tempfile::TempDir;

use self::deleting::*;
use self::executions::*;
use self::folding::*;
use self::following::*;
use self::measuring::*;
use self::pruning::*;
use self::reading::*;
use self::removing::*;
use self::restless::Restless;
use self::versions::*;
use super::embedded::Embedded;
use super::memory::Memory;
use super::samples::BOUNDS;
use super::{Options, Reserve};

fn embedded(dir: &TempDir) -> Embedded {
    let options = Options {
        bounds: BOUNDS,
        cached_rows: 0,
        cached_bytes: 0,
        checkpoint_every: None,
        reserve: Reserve {
            bytes: 0,
            percent: 0,
        },
        ..Options::default()
    };
    Embedded::open(dir.path(), options).unwrap()
}

macro_rules! suite {
    ($($rule:ident)*) => {
        mod memory {
            $(#[test] fn $rule() {
                super::$rule(&super::Memory::new(super::BOUNDS));
            })*
        }
        mod embedded {
            $(#[test] fn $rule() {
                let dir = tempfile::tempdir().unwrap();
                super::$rule(&super::embedded(&dir));
            })*
        }
        mod embedded_without_rest {
            $(#[test] fn $rule() {
                let dir = tempfile::tempdir().unwrap();
                super::$rule(&super::Restless(super::embedded(&dir)));
            })*
        }
    };
}

suite! {
    a_new_event_is_created_and_can_be_read_at_once
    an_equal_telling_is_a_duplicate_and_changes_nothing
    a_higher_count_of_one_origin_stands_alone_and_two_origins_add_up
    a_lower_count_never_lowers
    the_outcomes_of_a_batch_carry_the_final_seqs
    an_equal_item_is_a_duplicate_until_its_window_is_over
    an_item_that_keeps_its_identity_is_a_row_of_its_own
    an_origin_moves_to_the_row_of_its_lowest_count
    origins_beyond_the_bound_are_not_forgotten
    rows_come_in_order_and_by_pages_in_both_directions
    rows_are_filtered_and_counted
    several_executions_are_listed_as_one_history
    what_is_shown_is_what_is_listed
    all_rows_are_shown_execution_by_execution
    changes_come_in_seq_order_each_row_once
    changes_of_one_execution_are_its_rows_behind_a_seq
    a_removed_row_is_told_to_followers
    a_row_with_another_name_begins_followers_anew
    what_passed_is_announced_after_each_append
    aliases_unite_executions_in_both_directions
    executions_are_listed_newest_first_and_by_filter
    an_execution_is_told_of_by_a_fact_alone
    a_fact_that_says_nothing_new_changes_nothing
    a_new_alias_begins_followers_anew
    a_phase_follows_the_rows_about_the_execution_itself
    a_correlation_is_kept_for_its_window
    a_deleted_execution_is_gone_and_told_to_followers
    a_deleted_execution_stays_deleted_when_it_is_told_again
    a_deleted_execution_begins_anew_with_what_is_later
    a_tombstone_is_dropped_a_day_after_it_was_last_needed
    rows_of_one_dialect_are_removed_and_no_others
    rows_that_were_removed_come_back_when_they_are_told_again
    a_removal_begins_followers_anew_once_for_each_execution
    a_removal_of_nothing_changes_nothing
    rows_that_were_last_seen_before_a_time_are_pruned
    the_longest_unseen_rows_are_pruned_down_to_a_number
    a_row_that_tells_of_the_end_always_stays
    what_was_pruned_stays_away_when_it_is_told_again
    origins_outside_a_pruned_row_go_with_it
    pruning_begins_followers_anew_once
    pruning_of_nothing_changes_nothing
    several_executions_are_deleted_together
    the_latest_sample_of_each_element_and_name_is_kept
    samples_beyond_the_bound_give_way_to_later_ones
    a_sample_alone_begins_an_execution_and_is_no_change_of_a_row
    samples_of_several_executions_are_those_of_one
    samples_go_with_their_execution_and_stay_away
    a_store_has_one_id_and_one_secret
    what_changes_an_execution_moves_its_names
    what_changes_nothing_moves_no_name
}

//! Parameters read side by side, so that a caller is told of all that are wrong at once.
//!
//! Lives here: one problem of several. Does not live here: what is wrong with one. Invariant: no
//! fault of any reading is left out; what only looking things up would tell comes after them.

use super::super::problem::Problem;

/// Readings of which each may fail by itself.
pub trait Together {
    /// What they read.
    type All;

    /// All of it.
    ///
    /// # Errors
    /// Every fault of every reading.
    fn together(self) -> Result<Self::All, Problem>;
}

/// All that is read, or every fault of it.
///
/// # Errors
/// One problem with the faults of all readings.
pub fn all<T: Together>(readings: T) -> Result<T::All, Problem> {
    readings.together()
}

macro_rules! together {
    ($($reading:ident)+) => {
        impl<$($reading),+> Together for ($(Result<$reading, Problem>,)+) {
            type All = ($($reading,)+);

            #[allow(non_snake_case, reason = "a type and its value share one name")]
            fn together(self) -> Result<Self::All, Problem> {
                match self {
                    ($(Ok($reading),)+) => Ok(($($reading,)+)),
                    ($($reading,)+) => {
                        let problems = [$($reading.err()),+];
                        Err(Problem::of_all(problems.into_iter().flatten()))
                    }
                }
            }
        }
    };
}

together!(A B);
together!(A B C);
together!(A B C D);
together!(A B C D E);
together!(A B C D E F);
together!(A B C D E F G);
together!(A B C D E F G H);
together!(A B C D E F G H I);
together!(A B C D E F G H I J);

#[cfg(test)]
mod tests {
    use super::super::super::problem::Code;
    use super::super::parameter;
    use super::*;
    use crate::domain::refusal::FaultCode;

    fn wrong(name: &str) -> Result<u8, Problem> {
        Err(parameter(name, FaultCode::Malformed, "a number"))
    }

    #[test]
    fn all_faults_are_told_in_the_order_of_the_readings() {
        assert_eq!(all((Ok::<_, Problem>(1), Ok::<_, Problem>("x"))).unwrap(), (1, "x"));
        let found = all((wrong("a"), Ok::<_, Problem>(2), wrong("b"))).unwrap_err();
        let named: Vec<&str> = found.faults().iter().map(|one| one.pointer.as_str()).collect();
        assert_eq!((found.code(), named), (Code::InvalidParameter, vec!["a", "b"]));
    }

    #[test]
    fn what_was_looked_up_is_told_where_nothing_is_malformed() {
        let unknown = || Err::<u8, _>(Problem::new(Code::NotFound));
        assert_eq!(all((unknown(), Ok::<_, Problem>(1))).unwrap_err().code(), Code::NotFound);
        let found = all((unknown(), wrong("b"))).unwrap_err();
        assert_eq!((found.code(), found.faults().len()), (Code::InvalidParameter, 1));
    }

    #[test]
    fn a_parameter_that_is_none_weighs_more_than_a_value_that_cannot_be() {
        let value = || {
            let fault = crate::domain::refusal::Fault::new("v", FaultCode::OutOfRange, "less");
            Err::<u8, _>(Problem::invalid(Code::InvalidValue, vec![fault]))
        };
        assert_eq!(all((value(), Ok::<_, Problem>(1))).unwrap_err().code(), Code::InvalidValue);
        let found = all((value(), wrong("b"))).unwrap_err();
        assert_eq!((found.code(), found.faults().len()), (Code::InvalidParameter, 2));
    }
}

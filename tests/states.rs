//! Which states a run is about, and what is read of them: every case on a real repository.

mod helper;

mod arguments;
mod certain;
mod ci;
pub(crate) mod histories;
mod hostile;
mod misnamed;
mod reading;
mod repositories;
mod untouched;

//! `caplint calibrate`: what was measured comes back, each effect is its factor's, and what is
//! written says nothing more.

mod drift;
mod effects;
mod errors;
mod formats;
mod guide;
mod populations;
mod quotas;
mod scene;
mod unfound;
mod values;
mod writing;

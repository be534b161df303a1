//! What handlers are told.

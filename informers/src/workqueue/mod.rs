//! Queues of keys for the workers of a controller.

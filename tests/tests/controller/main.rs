//! The controller of the example, on the test server: what it makes of Fleets, also when much goes wrong.

mod faults;
#[path = "../../../examples/controller/fleet.rs"]
mod fleet;
#[path = "../../../examples/controller/fleet_controller.rs"]
mod fleet_controller;
mod life;
mod running;
mod scene;

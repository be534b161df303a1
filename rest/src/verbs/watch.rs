//! Following what happens to the objects of a resource.

use std::marker::PhantomData;

use super::builder;
use super::options::options;
use crate::encoded::ReadObject;
use crate::request::Request;
use crate::watch::WatchStream;

/// Follows what happens to the objects of a resource. Made by the `watch` method of a typed client.
///
/// Without a version, a watch begins with an `Added` event for each object that exists, at some version.
/// To miss nothing, list first and watch [from](Watch::resource_version) the list's version.
#[derive(Clone)]
#[must_use = "a request does nothing until it is sent"]
pub struct Watch<K> {
    request: Request,
    kind: PhantomData<fn() -> K>,
}

builder!(Watch<K>: ReadObject => WatchStream<K>, |request| request.send_for_events());
options!(Watch: selectors, server_timeout, managed_fields);

impl<K> Watch<K> {
    pub(crate) fn new(request: Request) -> Self {
        let request = request.set_query("watch", "true").without_announced_timeout();
        Self { request, kind: PhantomData }
    }

    /// Begins after this version: that of a list, of the last event or of the last bookmark.
    ///
    /// A version that the server has forgotten is an error that [`is_expired`](crate::Error::is_expired),
    /// either at once or as an item of the stream.
    pub fn resource_version(mut self, version: &str) -> Self {
        self.request = self.request.set_query("resourceVersion", version);
        self
    }

    /// Asks for bookmarks: now and then, the version up to which the watch has told everything.
    pub fn bookmarks(mut self) -> Self {
        self.request = self.request.set_query("allowWatchBookmarks", "true");
        self
    }

    /// Begins with all objects that exist as `Added` events, and then a bookmark that
    /// [ends them](crate::Bookmark::ends_initial_events). Asks for bookmarks too.
    ///
    /// The objects are at least as new as [`resource_version`](Watch::resource_version), if that is set, and
    /// otherwise the latest.
    pub fn send_initial_events(mut self) -> Self {
        self.request = self
            .request
            .set_query("sendInitialEvents", "true")
            .set_query("resourceVersionMatch", "NotOlderThan")
            .set_query("allowWatchBookmarks", "true");
        self
    }
}

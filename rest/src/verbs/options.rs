//! Options that several verbs share, each written once.

/// What the server does with fields that it does not know, or that come twice.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum FieldValidation {
    /// Drops them without a word.
    Ignore,
    /// Drops them with a warning. What servers do when they are not told.
    Warn,
    /// Refuses the request.
    Strict,
}

impl FieldValidation {
    pub(crate) fn as_str(self) -> &'static str {
        match self {
            Self::Ignore => "Ignore",
            Self::Warn => "Warn",
            Self::Strict => "Strict",
        }
    }
}

/// Gives the builder `$name<K>` the setters of the options named after it.
macro_rules! options {
    ($name:ident: $($option:ident),+ $(,)?) => {
        impl<K> $name<K> {
            $( $crate::verbs::options::option! { $option } )+
        }
    };
}

/// The setter of one option.
macro_rules! option {
    (dry_run) => {
        /// Goes through all checks and changes nothing.
        pub fn dry_run(mut self) -> Self {
            self.request = self.request.set_query("dryRun", "All");
            self
        }
    };
    (field_manager) => {
        /// Who makes the change, for `managedFields`. By default the server takes it from the user agent.
        pub fn field_manager(mut self, manager: &str) -> Self {
            self.request = self.request.set_query("fieldManager", manager);
            self
        }
    };
    (field_validation) => {
        /// What to do with fields that the server does not know, or that come twice.
        pub fn field_validation(mut self, validation: $crate::FieldValidation) -> Self {
            self.request = self.request.set_query("fieldValidation", validation.as_str());
            self
        }
    };
    (managed_fields) => {
        /// Leaves `metadata.managedFields`, which say who owns which field, out while the answer is decoded.
        ///
        /// They are half of a typical object and are never built then, which saves more than half of the time and the
        /// memory of decoding. They come over the wire all the same. By default they are kept.
        pub fn without_managed_fields(mut self) -> Self {
            self.request = self.request.without_managed_fields();
            self
        }
    };
    (selectors) => {
        /// Only objects whose labels match, such as `app=web,tier in (a, b)`. Called twice, both must match.
        pub fn labels(mut self, selector: &str) -> Self {
            self.request = self.request.add_selector("labelSelector", selector);
            self
        }

        /// Only objects whose fields match, such as `spec.nodeName=node-1`. Each kind has few such fields.
        /// Called twice, both must match.
        pub fn fields(mut self, selector: &str) -> Self {
            self.request = self.request.add_selector("fieldSelector", selector);
            self
        }

        k8s_openapi::k8s_if_ge_1_36! {
            /// Only objects of one shard of the collection, in the server's shard selector syntax.
            pub fn shard_selector(mut self, selector: &str) -> Self {
                self.request = self.request.set_query("shardSelector", selector);
                self
            }
        }
    };
    (paging) => {
        /// At most this many objects at once; a continue token in the answer leads to the rest.
        pub fn limit(mut self, limit: u32) -> Self {
            self.request = self.request.set_query("limit", limit.to_string());
            self
        }

        /// Goes on after the page whose metadata had this continue token, with the same selectors.
        ///
        /// The token holds the version of the list, so it cannot be combined with one.
        pub fn continue_from(mut self, token: &str) -> Self {
            self.request = self.request.set_query("continue", token);
            self
        }
    };
    (versions) => {
        /// Allows an answer from the server's cache that is at least as new as `version`; `"0"` allows any.
        ///
        /// Such an answer may be stale, and is far cheaper for the server. By default it is the latest.
        pub fn at_least(mut self, version: &str) -> Self {
            self.request = self
                .request
                .set_query("resourceVersion", version)
                .set_query("resourceVersionMatch", "NotOlderThan");
            self
        }

        /// Asks for the state at exactly this version, which the server may have forgotten
        /// ([`is_expired`](crate::Error::is_expired)).
        pub fn exactly(mut self, version: &str) -> Self {
            self.request =
                self.request.set_query("resourceVersion", version).set_query("resourceVersionMatch", "Exact");
            self
        }
    };
    (server_timeout) => {
        /// How long the server works on this call before it ends it, in whole seconds, rounded up.
        ///
        /// The client waits no longer than this for an answer to begin.
        pub fn timeout(mut self, timeout: std::time::Duration) -> Self {
            let seconds = timeout.as_secs() + u64::from(timeout.subsec_nanos() > 0);
            self.request = self
                .request
                .set_query("timeoutSeconds", seconds.to_string())
                .timeout(Some(std::time::Duration::from_secs(seconds)));
            self
        }
    };
    (timeout) => {
        /// How long the call may take, attempts and answer included. The server is told.
        pub fn timeout(mut self, timeout: std::time::Duration) -> Self {
            self.request = self.request.timeout(Some(timeout));
            self
        }
    };
}

pub(crate) use {option, options};

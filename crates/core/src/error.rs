//! The ways in which caplint itself can fail to run. What is wrong with a capacity file is
//! never one of them: that is a [`crate::finding::Finding`].

/// caplint could not run.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// It was asked wrongly: exit code 2.
    #[error("{message}")]
    Usage {
        /// What is wrong.
        message: String,
        /// What to do.
        help: Option<String>,
    },
    /// No comparison could be made: exit code 3.
    #[error("{message}")]
    NoComparison {
        /// Why not.
        message: String,
        /// What to do: the exact command where there is one.
        help: Option<String>,
    },
    /// The reader of standard output went away. It ends quietly.
    #[error("standard output was closed")]
    ClosedPipe,
}

impl Error {
    /// An [`Error::Usage`] without help.
    pub fn usage(message: impl Into<String>) -> Self {
        let message = message.into();
        Self::Usage {
            message,
            help: None,
        }
    }

    /// An [`Error::NoComparison`] without help.
    pub fn no_comparison(message: impl Into<String>) -> Self {
        let message = message.into();
        Self::NoComparison {
            message,
            help: None,
        }
    }

    /// The same error with this help.
    #[must_use]
    pub fn with_help(mut self, advice: impl Into<String>) -> Self {
        if let Self::Usage { help, .. } | Self::NoComparison { help, .. } = &mut self {
            *help = Some(advice.into());
        }
        self
    }

    /// What to do about it.
    pub fn help(&self) -> Option<&str> {
        match self {
            Self::Usage { help, .. } | Self::NoComparison { help, .. } => help.as_deref(),
            Self::ClosedPipe => None,
        }
    }

    /// What the process exits with.
    pub fn exit_code(&self) -> u8 {
        match self {
            Self::Usage { .. } => 2,
            Self::NoComparison { .. } => 3,
            Self::ClosedPipe => 0,
        }
    }
}

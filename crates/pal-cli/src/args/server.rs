//! What the commands that run the service take.

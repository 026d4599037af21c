//! The service over HTTP: what Azure's own clients ask for, answered as Azure answers.
